import t from 'tap';
import { createAllowList } from '../../src/pull-through/allow-list.ts';
import { sourcesOf } from '../../src/pull-through/sources-of.ts';
import { relaySources } from '../../src/policy/relay-sources.ts';
import { requestTarget } from '../../src/upstream/request-url.ts';
import { sourceSettings } from '../support/source-settings.ts';

t.test('each path is asked for where its source has it', async (t) => {
  const order = relaySources(
    sourceSettings({
      officeScanServer: 'https://osce/officescan',
      customized: [{ url: 'http://ua:21112/activeupdate' }],
    }),
    [],
  );
  const { find } = createAllowList({ programs: true, domains: ['Branch'] });
  const urls = (path: string) => {
    const item = find(path);
    return item && sourcesOf(item, order).map(({ url }) => requestTarget(url, item.path).url);
  };
  t.strictSame(urls('/activeupdate/OfficeScan/hotfix_pccnt/x64/a.zip'), [
    'http://ua:21112/activeupdate/OfficeScan/hotfix_pccnt/x64/a.zip',
    'https://osce/officescan/hotfix_pccnt/x64/a.zip',
  ]);
  t.strictSame(urls('/officescan/download/hotfixNT.txt'), [
    'http://ua:21112/activeupdate/hotfixNT.txt',
    'https://osce/officescan/download/hotfixNT.txt',
  ]);
  t.strictSame(urls('/activeupdate/Branch/ofcscan.ini'), [
    'http://ua:21112/activeupdate/Branch/ofcscan.ini',
    'https://osce/officescan/Branch/ofcscan.ini',
  ]);
});
