import { hash } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { AgentReport } from '../../src/agent/report.ts';
import { runAgent } from '../../src/agent/run-agent.ts';
import { createCatalogue, type CatalogueOptions, type Release } from '../../src/lab/release.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { signaturePath } from '../../src/manifest/path.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { branchAgent } from '../support/branch-agent.ts';
import { eventually } from '../support/eventually.ts';
import { get } from '../support/exchange.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from '../support/relay-for.ts';
import { differences, mirroredFiles } from '../support/release-truth.ts';
import { testUpstream } from '../support/test-upstream.ts';

const catalogue = createCatalogue({ shape: 'small' });
const first = catalogue.release(1);
const second = catalogue.release(2);

const portOf = (url: string) => Number(new URL(url).port);

/** A relay that has what the lab has. */
async function servingRelay(
  t: Test,
  release: Release = first,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly lab: LabServer; readonly relay: TestRelay }> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const relay = await relayFor(t, { ...(await relayEnv(t, lab.url)), ...settings });
  await relay.mirror.update('administrator');
  return { lab, relay };
}

/** One update of an agent that holds `have`, over the relay alone. */
function update(t: Test, source: string, have: ReadonlyMap<string, string> = new Map()): Promise<AgentReport> {
  const kinds = ['patterns', 'engines', 'programs'] as const;
  const upstream = testUpstream(t);
  return runAgent({ sources: [source], only: kinds, out: null, have, upstream, clock: systemClock });
}

/** What of a report is not as the release has it. */
async function wrongIn({ components }: AgentReport, release: Release): Promise<string[]> {
  const hashOf = async (path: string) => (release.files.has(path) ? hash('sha256', await release.file(path)) : null);
  const wrong: string[] = [];
  for (const { path, how, sha256, signature } of components) {
    if (path === null || how === 'absent') continue;
    if (sha256 !== (await hashOf(path))) wrong.push(path);
    if (signature !== (await hashOf(signaturePath(path)))) wrong.push(signaturePath(path));
  }
  return wrong;
}

t.test('agents update over the relay as they would from the server itself', async (t) => {
  const { lab, relay } = await servingRelay(t);
  const trees = [`${relay.agentsUrl}/activeupdate`, `${relay.agentsUrl}/officescan/download`];

  for (const source of trees) {
    t.test(`a new one takes everything whole, below ${new URL(source).pathname}`, async (t) => {
      lab.reset();
      const report = await update(t, source);
      t.strictSame(await wrongIn(report, first), []);
      const after = report.components.filter((item) => item.after !== null).map((item) => [item.id, item.after]);
      t.strictSame(new Map(after as [string, string][]), first.versions);
      t.ok(report.totals.full > first.versions.size, 'programs too');
      t.strictSame(lab.requests, [], 'not a byte of it crosses the WAN again');
    });
  }

  t.test('one that is a release behind takes incrementals', async (t) => {
    lab.publish(second);
    await relay.mirror.update('administrator');
    for (const source of trees) {
      const report = await update(t, source, first.versions);
      t.strictSame(await wrongIn(report, second), []);
      t.match(
        report.components.find(({ id }) => id === 'P.4'),
        { how: 'incremental', after: second.versions.get('P.4') },
      );
      t.ok(report.totals.incremental > 1);
    }
  });
});

t.test('agents do not learn of a way past the relay, unless that is configured', async (t) => {
  for (const serverSection of ['comment', 'keep'] as const) {
    const { relay } = await servingRelay(t, first, { RELAY_MIRROR__SERVER_SECTION: serverSection });
    const agent = branchAgent(t, relay.agentsUrl, '127.0.0.41');
    const index = withServerSection(first.index, serverSection);
    t.strictSame(await differences(first, agent.read, { index }), []);
    t.equal(/^Server\.1=/m.test(index.toString()), serverSection === 'keep');
  }
});

t.test('program packages are not there where they are not wanted', async (t) => {
  const { relay } = await servingRelay(t, first, { RELAY_MIRROR__ITEMS__PROGRAMS: 'false' });
  const agent = branchAgent(t, relay.agentsUrl, '127.0.0.42');
  t.equal((await agent.ask('product/guard_agent.zip')).status, 404);
  const index = withServerSection(first.index, 'comment');
  t.strictSame(await differences(first, agent.read, { index, programs: false }), []);
});

t.test('what the source has not, agents get 404 for; what no index lists, too', async (t) => {
  const { relay } = await servingRelay(t);
  const agent = branchAgent(t, relay.agentsUrl, '127.0.0.43');
  for (const path of ['product/guard_common.zip', 'pattern/boot_bl32_35.sig', 'ini_xml.zip', 'pattern/none.zip']) {
    const { status, body } = await agent.ask(path);
    t.equal(status, 404, path);
    t.match(JSON.parse(body.toString()), { error: 'RLY_NOT_LISTED' });
  }
});

t.test('before the first generation agents are told at once to come back, and go to their next source', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer' });
  const relay = await relayFor(t, await relayEnv(t, lab.url));
  await t.rejects(relay.mirror.update('administrator'), { code: 'RLY_UPDATE_NO_SOURCE' });
  for (const path of ['/activeupdate/server.ini', '/activeupdate/pattern/vsapi985.zip']) {
    const { status, headers, body } = await get(portOf(relay.agentsUrl), path);
    t.equal(status, 503);
    t.match(headers['retry-after'], /^\d+$/);
    t.match(JSON.parse(body.toString()), { error: 'RLY_NOT_READY' });
  }
  lab.publish(first);
  await relay.mirror.update('administrator');
  t.equal((await get(portOf(relay.agentsUrl), '/activeupdate/server.ini')).status, 200);
});

t.test('what is on disk is served from the start, whatever the source does', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
  const env = await relayEnv(t, lab.url);
  const before = await relayFor(t, env);
  await before.mirror.update('administrator');
  await before.close('a restart');
  lab.faults.on({ kind: 'torn' });
  const relay = await relayFor(t, env, { limits: { tries: 1 } });
  const agent = branchAgent(t, relay.agentsUrl, '127.0.0.44');
  const index = withServerSection(first.index, 'comment');
  t.strictSame(await differences(first, agent.read, { index }), []);
  await t.rejects(relay.mirror.update('administrator'), { code: 'RLY_UPDATE_NO_SOURCE' });
  t.strictSame(await differences(first, agent.read, { index }), []);
});

t.test('the end of a relay', async (t) => {
  t.test('waits for an answer under way, which comes whole; nobody new is let in', async (t) => {
    const large: CatalogueOptions = { shape: 'small', scale: 0.5 };
    const release = createCatalogue(large).release(1);
    const path = mirroredFiles(release).reduce((a, b) => (a.size > b.size ? a : b)).path;
    const { relay } = await servingRelay(t, release, { RELAY_MIRROR__ITEMS__PROGRAMS: 'false' });
    const asking = request(`${relay.agentsUrl}/activeupdate/${path}`).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];

    const closed = relay.close('the test ends it');
    t.match(relay.events.of('relay.stopping'), [{ reason: 'the test ends it' }]);
    await eventually('the port is closed', async () => {
      const asked = get(portOf(relay.agentsUrl), '/activeupdate/server.ini');
      return (await asked.catch((error: NodeJS.ErrnoException) => error.code)) === 'ECONNREFUSED';
    });
    t.strictSame(relay.events.of('relay.stopped'), [], 'more than all buffers hold is still to come');
    t.ok((await buffer(response)).equals(await release.file(path)));
    await closed;
    t.equal(relay.events.of('relay.stopped').length, 1);
  });

  t.test('does not wait for connections on which nothing happens', async (t) => {
    const { relay } = await servingRelay(t);
    const agent = branchAgent(t, relay.agentsUrl, '127.0.0.45');
    await agent.read('server.ini');
    await relay.close('the test ends it');
    t.equal(relay.events.of('relay.stopped').length, 1);
  });

  t.test('stops an update under way, and the next start goes on from there', async (t) => {
    const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
    const env = await relayEnv(t, lab.url);
    let closed: Promise<void> | undefined;
    let far = false;
    const relay: TestRelay = await relayFor(t, env, {
      onProgress: () => {
        far ||= relay.mirror.view().objects.done > 20;
        if (far) closed ??= relay.close('the test ends it');
      },
    });
    await t.rejects(relay.mirror.update('administrator'), { message: 'the relay is stopping' });
    await closed;
    const later = await relayFor(t, env);
    const { reused } = { reused: 0, ...(await later.mirror.update('administrator')) };
    t.ok(reused > 0);
    const agent = branchAgent(t, later.agentsUrl, '127.0.0.46');
    t.strictSame(await differences(first, agent.read, { index: withServerSection(first.index, 'comment') }), []);
  });
});

t.test('a start that fails', async (t) => {
  /** A port that somebody has. */
  async function takenPort(t: Test): Promise<number> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.teardown(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  for (const key of ['agents', 'admin'] as const) {
    t.test(`as the port of ${key} is taken says so, and leaves nothing behind`, async (t) => {
      const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
      const env = await relayEnv(t, lab.url);
      const port = await takenPort(t);
      await t.rejects(relayFor(t, { ...env, [`RELAY_${key.toUpperCase()}__PORT`]: String(port) }), {
        code: 'RLY_LISTEN',
        fault: 'config',
        fields: { address: `127.0.0.1:${port}`, key, reason: /EADDRINUSE/ },
        advice: new RegExp(`${key}\\.port`),
      });
      t.strictSame(lab.requests, [], 'no schedule runs');
      const relay = await relayFor(t, env);
      await relay.mirror.update('administrator');
      t.equal(relay.store.generations.current()?.number, 1, 'the store is free again');
    });
  }

  t.test('as another relay has the store says which process that is', async (t) => {
    const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
    const env = await relayEnv(t, lab.url);
    await relayFor(t, env);
    await t.rejects(relayFor(t, env), { code: 'RLY_STORAGE_LOCKED', fields: { pid: process.pid } });
  });
});
