import t from 'tap';
import { relaySources } from '../../src/policy/relay-sources.ts';
import { sourceSettings } from '../support/source-settings.ts';

const urls = (sources: readonly { readonly url: string }[]) => sources.map(({ url }) => url);

t.test('each kind of item has an order of its own, and lies where its source has it', async (t) => {
  const order = relaySources(
    sourceSettings({
      customized: [{ url: 'http://ua1.example.com:21112/activeupdate' }],
      fromServerWhenCustomizedFail: { components: true, domainSettings: false, programs: true },
    }),
    [],
  );
  const server = 'https://osce.example.com:4343/officescan';
  t.strictSame(urls(order.components), ['http://ua1.example.com:21112/activeupdate', `${server}/download`]);
  t.strictSame(urls(order.programs), ['http://ua1.example.com:21112/activeupdate', `${server}/download`]);
  t.strictSame(urls(order.hotfixes), ['http://ua1.example.com:21112/activeupdate/OfficeScan', server]);
  t.strictSame(urls(order.domainSettings), ['http://ua1.example.com:21112/activeupdate']);
});

t.test('neither programs nor domain settings come from ActiveUpdate', async (t) => {
  const order = relaySources(
    sourceSettings({ updateAgentsOnlyFromServer: true, agentsDownloadFromActiveUpdate: true }),
    [],
  );
  t.equal(order.components.length, 2);
  t.equal(order.programs.length, 1);
  t.equal(order.hotfixes.length, 1);
  t.equal(order.domainSettings.length, 1);
});
