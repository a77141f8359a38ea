import t, { type Test } from 'tap';
import { runAgent } from '../../src/agent/run-agent.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import { type Clock, systemClock } from '../../src/ports/clock.ts';
import type { Status } from '../../src/telemetry/status.ts';
import { branchAgent } from '../support/branch-agent.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from '../support/relay-for.ts';
import { differences } from '../support/release-truth.ts';
import { publishLargeObject, stallDownload } from '../support/stalled-download.ts';
import { testUpstream } from '../support/test-upstream.ts';

const catalogue = createCatalogue({ shape: 'small' });
const first = catalogue.release(1);
const second = catalogue.release(2);
const served = ({ index }: typeof first) => withServerSection(index, 'comment');

/** A relay that has these relays in its customized list, and then the lab. It does not wait for one that has nothing yet. */
async function relayBelow(
  t: Test,
  lab: LabServer,
  relays: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<TestRelay> {
  const env = {
    ...(await relayEnv(t, lab.url)),
    RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'false',
    RELAY_SOURCES__CUSTOMIZED: JSON.stringify(relays.map((url) => ({ url: `${url}/activeupdate` }))),
    ...settings,
  };
  return relayFor(t, env, { limits: { tries: 1 } });
}

t.test('a relay below a relay', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
  const upper = await relayFor(t, await relayEnv(t, lab.url));
  await upper.mirror.update('administrator');
  const lower = await relayBelow(t, lab, [upper.agentsUrl]);
  const source = `${upper.agentsUrl}/activeupdate`;

  await t.test('has the release byte for byte, program packages too, and none of it from the server', async (t) => {
    lab.reset();
    t.match(await lower.mirror.update('administrator'), { result: 'published', source });
    // Packages that nobody has are looked for there too: its index lists them.
    const given = lab.requests.filter(({ status }) => status === 200);
    t.strictSame(new Set(given.map(({ path }) => path)), new Set(['server.ini']));
    const { objects = [] } = lower.store.generations.current() ?? {};
    t.strictSame(new Set(objects.map((object) => object.source)), new Set([source]));
    const agent = branchAgent(t, lower.agentsUrl, '127.0.0.48');
    t.strictSame(await differences(first, agent.read, { index: served(first) }), []);
    t.match(await lower.mirror.update('administrator'), { result: 'unchanged', source, generation: 1 });
  });

  await t.test('takes the next release by what is new in it, and its agents take incrementals', async (t) => {
    lab.publish(second);
    await upper.mirror.update('administrator');
    const outcome = await lower.mirror.update('administrator');
    t.match(outcome, { result: 'published', source });
    t.ok(outcome.result === 'published' && outcome.reused > 0);

    const agent = branchAgent(t, lower.agentsUrl, '127.0.0.49');
    t.strictSame(await differences(second, agent.read, { index: served(second) }), []);
    const report = await runAgent({
      sources: [`${lower.agentsUrl}/activeupdate`],
      only: ['patterns', 'engines', 'programs'],
      out: null,
      have: first.versions,
      upstream: testUpstream(t),
      clock: systemClock,
    });
    t.match(
      report.components.find(({ id }) => id === 'P.4'),
      { how: 'incremental', after: second.versions.get('P.4') },
    );
  });

  await t.test('goes to the server while the upper one has nothing yet', async (t) => {
    const nothing = await labServerFor(t, { kind: 'officeScanServer' });
    const empty = await relayFor(t, await relayEnv(t, nothing.url));
    const other = await relayBelow(t, lab, [empty.agentsUrl]);
    t.match(await other.mirror.update('administrator'), { result: 'published', source: lab.componentsUrl });
    t.match(other.events.of('source.failed'), [{ source: `${empty.agentsUrl}/activeupdate`, error: /503/ }]);
  });
});

t.test('a relay that has itself in its list is told so, and goes on to the next source', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
  const port = await freePort();
  const itself = `http://127.0.0.1:${port}`;
  const relay = await relayBelow(t, lab, [itself], { RELAY_AGENTS__PORT: String(port) });
  for (const release of [first, second]) {
    lab.publish(release);
    t.match(await relay.mirror.update('administrator'), { result: 'published', source: lab.componentsUrl });
  }
  const { events } = relay;
  t.match(events.of('source.failed'), [
    { source: `${itself}/activeupdate`, error: /^RLY_UPSTREAM_LOOP: .*leads back to this relay/ },
    { source: `${itself}/activeupdate`, error: /^RLY_UPSTREAM_LOOP/ },
  ]);
  t.strictSame(events.of('upstream.retry'), [], 'it is no failure that passes');
  const agent = branchAgent(t, relay.agentsUrl, '127.0.0.50');
  t.strictSame(await differences(second, agent.read, { index: served(second) }), []);
});

t.test(
  'of two relays that have each other in their lists one goes to the server, and both have what is new',
  async (t) => {
    const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
    const port = await freePort();
    const onDemand = { RELAY_MIRROR__PREFETCH__PROGRAMS: 'false' };
    const left = await relayBelow(t, lab, [`http://127.0.0.1:${port}`], onDemand);
    const right = await relayBelow(t, lab, [left.agentsUrl], { ...onDemand, RELAY_AGENTS__PORT: String(port) });
    const both = [left, right];
    const round = async () => {
      for (const { mirror } of both) await mirror.update('administrator');
    };

    // The index as a relay hands it on is not the server's byte for byte: it may count as news once more.
    for (let i = 0; i < 3; i += 1) await round();
    const settled = both.map(({ store }) => store.generations.current()?.number);
    const received = () => both.reduce((sum, { upstream }) => sum + upstream.received.total(), 0);
    const before = received();
    for (let i = 0; i < 3; i += 1) await round();
    t.strictSame(
      both.map(({ store }) => store.generations.current()?.number),
      settled,
      'no generation after the other',
    );
    t.ok(received() - before <= 3 * served(first).length, 'no object any more: an index each time, to see whose it is');
    t.ok(
      both.some(({ events }) =>
        events.of('source.failed').some(({ error }) => String(error).startsWith('RLY_UPSTREAM_CIRCLE: ')),
      ),
    );

    lab.publish(second);
    for (let i = 0; i < 2; i += 1) await round();
    const path = 'product/guard_agent.zip';
    const began = performance.now();
    for (const { agentsUrl } of both) {
      const agent = branchAgent(t, agentsUrl, '127.0.0.53');
      t.strictSame(await agent.read(path), await second.file(path));
    }
    t.ok(performance.now() - began < 10_000, 'what neither has is asked for at the server, and not of each other');

    for (const { agentsUrl } of both) {
      const agent = branchAgent(t, agentsUrl, '127.0.0.51');
      t.strictSame(await differences(second, agent.read, { index: served(second) }), [], 'whole, and of one moment');
    }
    const sources = both.map(({ store }) => store.generations.current()?.source);
    t.equal(sources.filter((source) => source === lab.componentsUrl).length, 1, 'one of them asks the server');
  },
);

t.test('age adds up over tiers and restarts, and an index that grows old is told', async (t) => {
  const MINUTE = 60_000;
  let ahead = 0;
  /** No schedule comes in between: only short sleeps end. */
  const clock: Clock = {
    ...systemClock,
    now: () => systemClock.now() + ahead,
    sleep: (ms, signal) => systemClock.sleep(ms < 1_000 ? ms : 2 ** 30, signal),
  };
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
  const upperEnv = await relayEnv(t, lab.url);
  const upper = await relayFor(t, upperEnv, { clock });
  const lowerEnv = await relayEnv(t, `${upper.agentsUrl}/officescan`);
  let lower = await relayFor(t, lowerEnv, { clock });

  const index = async ({ agentsUrl }: TestRelay) => {
    const { headers } = await fetch(`${agentsUrl}/activeupdate/server.ini`);
    const via = headers.get('via') ?? '';
    return { minutes: Math.floor(Number(headers.get('age')) / 60), relays: via.split(', ').length, via };
  };
  await upper.mirror.update('administrator');
  ahead += 10 * MINUTE;
  t.match(await lower.mirror.update('administrator'), { result: 'published' });
  t.match(await index(upper), { minutes: 10, relays: 1 });
  t.match(await index(lower), { minutes: 10, relays: 2 }, 'what it knows is as old as what the upper one knows');

  ahead += 5 * MINUTE;
  t.match(await lower.mirror.update('administrator'), { result: 'unchanged' });
  t.match(await index(lower), { minutes: 15 }, 'an upper one that has heard nothing makes nothing fresher');

  const before = (await index(lower)).via;
  await lower.close('a restart');
  lower = await relayFor(t, lowerEnv, { clock });
  t.match(await index(lower), { minutes: 15, via: before }, 'nor does a restart, and names stay');

  await upper.mirror.update('administrator');
  await lower.mirror.update('administrator');
  t.match(await index(lower), { minutes: 0 });
  t.strictSame(lower.events.of('generation.old'), []);

  ahead += 25 * 60 * MINUTE;
  await lower.mirror.update('administrator');
  t.match(lower.events.of('generation.old'), [{ generation: 1, hours: 25 }]);
  ahead += 60 * MINUTE;
  await lower.mirror.update('administrator');
  t.equal(lower.events.of('generation.old').length, 1, 'once a day');
  const status = (await (await fetch(`${lower.adminUrl}/api/v1/status`)).json()) as Status;
  t.equal(Math.round((clock.now() - Date.parse(status.generation?.confirmedAt ?? '')) / MINUTE), 26 * 60);
  const metrics = await (await fetch(`${lower.adminUrl}/metrics`)).text();
  t.match(metrics, /^relay_index_age_seconds 936\d\d/m);
});

t.test('a relay below has the downloads of one agent, unless its address is in agents.relays', async (t) => {
  // One object of it is no small one.
  const release = createCatalogue({ shape: 'small', scale: 0.02 }).release(1);
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env = { ...(await relayEnv(t, lab.url)), RELAY_AGENTS__LIMITS__DOWNLOADS_PER_ADDRESS: '1' };
  const upper = await relayFor(t, env);
  await publishLargeObject(upper.store);
  await stallDownload(t, upper.agentsUrl);
  t.match(await upper.mirror.update('administrator'), { result: 'published' });

  const source = `${upper.agentsUrl}/activeupdate`;
  const sources = async () => {
    const lower = await relayBelow(t, lab, [upper.agentsUrl]);
    await lower.mirror.update('administrator');
    return new Set(lower.store.generations.current()?.objects.map((object) => object.source));
  };
  t.ok((await sources()).has(lab.componentsUrl), 'its Via is no word that could be taken');
  t.ok(upper.events.of('agent.answered').some(({ status }) => status === 503));

  const { config } = await loadConfig({ env: { ...env, RELAY_AGENTS__RELAYS: '127.0.0.1' }, cwd: import.meta.dirname });
  await upper.reload(config, 'SIGHUP');
  t.strictSame(upper.events.of('config.reloaded'), [{ changed: 'agents.relays' }]);
  t.strictSame(await sources(), new Set([source]));
});
