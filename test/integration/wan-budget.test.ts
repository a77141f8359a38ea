import t from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import { branchAgent } from '../support/branch-agent.ts';
import { eventually } from '../support/eventually.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';
import { differences } from '../support/release-truth.ts';

const catalogue = createCatalogue({ shape: 'small' });
const first = catalogue.release(1);

t.test('agents are served at full speed while an update crawls along its budget', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
  const env = await relayEnv(t, lab.url);
  const before = await relayFor(t, env);
  await before.mirror.update('administrator');
  await before.close('a restart');

  const relay = await relayFor(t, { ...env, RELAY_MIRROR__WAN__RATE: '128kbit/s' });
  lab.publish(catalogue.release(2));
  const stopped = t.rejects(relay.mirror.update('administrator'), { message: 'the relay is stopping' });
  await eventually('the update is under way', () => relay.mirror.view().bytes.done > 0);

  const receivedBefore = relay.upstream.received.total();
  const index = withServerSection(first.index, 'comment');
  const agent = branchAgent(t, relay.agentsUrl, '127.0.0.47');
  t.strictSame(await differences(first, agent.read, { index }), []);
  const served = relay.events.of('agent.answered').reduce((sum, { bytes }) => sum + Number(bytes), 0);
  const received = relay.upstream.received.total() - receivedBefore;
  t.ok(served > 5 * received, `${served} bytes to the agent, ${received} over the line meanwhile`);
  t.equal(relay.mirror.view().phase, 'acquiring', 'the update is not done yet');

  await relay.close('the test ends it');
  await stopped;
});
