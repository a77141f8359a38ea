import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createCatalogue } from '../src/lab/release.ts';
import { labServerFor } from './support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from './support/relay-for.ts';
import { runCommand } from './support/run-command.ts';
import { LARGE, largeObjectUrl, publishLargeObject, stallDownload } from './support/stalled-download.ts';

const release = createCatalogue({ shape: 'small' }).release(1);

/** A port of 127.0.0.1 that somebody listens on until the test ends. */
async function takenPort(t: Test): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('a port that is taken is named, and the store is free again', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env = await relayEnv(t, lab.url);
  for (const listener of ['agents', 'admin'] as const) {
    const port = await takenPort(t);
    const taken = { ...env, [`RELAY_${listener.toUpperCase()}__PORT`]: String(port) };
    await t.rejects(relayFor(t, taken), {
      code: 'RLY_LISTEN',
      fields: { address: `127.0.0.1:${port}`, key: listener, reason: /EADDRINUSE/ },
    });
  }
  t.equal((await runCommand(['update'], { env })).code, 0);
});

t.test('a second relay does not share the port of the first', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const { agentsUrl } = await relayFor(t, await relayEnv(t, lab.url));
  const taken = { ...(await relayEnv(t, lab.url)), RELAY_AGENTS__PORT: new URL(agentsUrl).port };
  await t.rejects(relayFor(t, taken), { code: 'RLY_LISTEN', fields: { key: 'agents', reason: /EADDRINUSE/ } });
});

t.test('an address has so many downloads of large objects at a time, as configured', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer' });
  const env = { ...(await relayEnv(t, lab.url)), RELAY_AGENTS__LIMITS__DOWNLOADS_PER_ADDRESS: '2' };
  const relay = await relayFor(t, env, { drain: 50 });
  await publishLargeObject(relay.store);
  for (let n = 0; n < 2; n += 1) await stallDownload(t, relay.agentsUrl);
  const answer = await fetch(largeObjectUrl(relay.agentsUrl));
  t.equal(answer.status, 503);
  t.match(await answer.json(), { error: 'RLY_TOO_MANY_DOWNLOADS' });
  t.equal((await fetch(`${relay.agentsUrl}/activeupdate/server.ini`)).status, 200, 'what is small is no download');
});

t.test('a stop', async (t) => {
  async function relayWithLargeObject(t: Test, drain: number): Promise<TestRelay> {
    const lab = await labServerFor(t, { kind: 'officeScanServer' });
    const relay = await relayFor(t, await relayEnv(t, lab.url), { drain });
    await publishLargeObject(relay.store);
    return relay;
  }

  t.test('bug: a client that read nothing was cut, and the log did not say so', async (t) => {
    const relay = await relayWithLargeObject(t, 50);
    await stallDownload(t, relay.agentsUrl);
    const began = performance.now();
    await relay.close('the test');
    t.ok(performance.now() - began < 5000);
    const [answered] = relay.events.of('agent.answered');
    t.match(answered, { status: 200, length: LARGE });
    t.ok(Number(answered?.bytes) < LARGE, 'it was cut, and the log says after how much');
  });

  t.test('bug: an answer under way ended, and the stop waited for its idle connection for 15 s', async (t) => {
    const relay = await relayWithLargeObject(t, 60_000);
    const answer = await fetch(largeObjectUrl(relay.agentsUrl));
    const began = performance.now();
    const closed = relay.close('the test');
    t.equal((await answer.arrayBuffer()).byteLength, LARGE);
    await closed;
    t.ok(performance.now() - began < 10_000);
    t.match(relay.events.of('agent.answered'), [{ status: 200, bytes: LARGE, length: LARGE }]);
  });
});
