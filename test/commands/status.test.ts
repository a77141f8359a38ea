import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { statusText } from '../../src/commands/status.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import type { Status } from '../../src/telemetry/status.ts';
import { VERSION } from '../../src/version.ts';
import { fakeIo } from '../support/fake-io.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const release = createCatalogue({ shape: 'small' }).release(3);
const SERVER = { RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://osce.example.com:4343/officescan' };

/** Something on a port that is no relay; answers the variables that lead a command there. */
async function stranger(t: Test, answer: RequestListener): Promise<Record<string, string>> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...SERVER, RELAY_ADMIN__PORT: String((server.address() as AddressInfo).port) };
}

t.test('of a running relay, in text and as the JSON of its API', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const relay = await relayFor(t, await relayEnv(t, lab.url));
  await relay.mirror.update('administrator');

  const { code, stdout, stderr } = await runCommand(['status'], { env: relay.env });
  t.equal(code, 0);
  t.equal(stderr, '');
  const lines = stdout.trimEnd().split('\n');
  t.match(lines, [
    new RegExp(`^relay         ${VERSION}$`),
    /^generation    1, published just now, confirmed just now: \d+ objects, \d+\.\d KiB; 0 more on demand$/,
    /^update        idle$/,
    /^last success  just now$/,
    /^next update   in 1\d min/,
    new RegExp(`^source        ${lab.url}/download \\(officeScanServer, ok\\)$`),
    /^storage       \d+\.\d KiB of 20\.0 GiB$/,
    /^scrub         not yet; next in (5 min|4 min \d+ s)$/,
    /^over the WAN  \d+\.\d KiB since the start$/,
  ]);
  t.equal(lines.length, 9);

  const json = await runCommand(['status', '--json'], { env: relay.env });
  t.equal(json.code, 0);
  const api = (await (await fetch(`${relay.adminUrl}/api/v1/status`)).json()) as Status;
  t.strictSame(JSON.parse(json.stdout), api);
});

t.test('without a running relay it says so, and what to do', async (t) => {
  const port = await freePort();
  for (const host of ['127.0.0.1', 'localhost']) {
    const env = { ...SERVER, RELAY_ADMIN__HOST: host, RELAY_ADMIN__PORT: String(port) };
    const { code, stdout, stderr } = await runCommand(['status'], { env });
    t.equal(code, 1);
    t.equal(stdout, '');
    t.match(stderr, `relay: RLY_ADMIN_UNREACHABLE: no relay answers at http://${host}:${port}/api/v1/status: `);
    t.match(stderr, /: (connect )?ECONNREFUSED/);
    t.match(stderr, 'Start it with `relay serve`');
  }
});

t.test('bug: what answers there and is no relay was reported as a bug of this one', async (t) => {
  for (const [status, body] of [
    [200, '<html>a router</html>'],
    [200, '{"version":1}'],
    [404, 'not here'],
  ] as const) {
    const env = await stranger(t, (_request, response) => response.writeHead(status).end(body));
    const { code, stderr } = await runCommand(['status'], { env });
    t.equal(code, 1);
    t.match(stderr, /^relay: RLY_ADMIN_UNREACHABLE: no relay answers at /);
    t.match(stderr, `something else does, with status ${status}. Start it with`);
  }
});

t.test('bug: Ctrl-C while it waits for the answer was reported as a bug', async (t) => {
  const stop = new AbortController();
  const env = await stranger(t, () => stop.abort('SIGINT'));
  const { code, stderr } = await runCommand(['status'], { env, signal: stop.signal });
  t.equal(code, 1);
  t.match(stderr, /^relay: RLY_INTERRUPTED: SIGINT ended the command/);
});

t.test('text for people', async (t) => {
  const now = Date.UTC(2026, 0, 5, 12);
  const at = (minutes: number): string => new Date(now + minutes * 60_000).toISOString();
  const nothing = { source: null, objects: { done: 0, total: 0 }, bytes: { done: 0, total: 0 }, running: [] };
  const none = { done: 0, total: 0 };
  const scrub = { state: 'idle' as const, blobs: none, bytes: none, broken: 0, lastWalkAt: null, nextAt: at(5) };
  const fresh: Status = {
    version: '1.2.3',
    generation: null,
    update: { state: 'waiting', lastSuccessAt: null, lastError: null, nextAt: at(5), progress: nothing },
    sources: [],
    storage: { bytes: 0, maxBytes: 1024 ** 3, scrub },
    wan: { bytes: 0 },
  };

  t.test('before the first generation', async (t) => {
    t.equal(
      statusText(fresh, fakeIo(), now),
      [
        'relay         1.2.3',
        'generation    none yet: agents get 503',
        'update        waiting',
        'last success  never',
        'next update   in 5 min',
        'storage       0 B of 1.0 GiB',
        'scrub         not yet; next in 5 min',
        'over the WAN  0 B since the start',
        '',
      ].join('\n'),
    );
  });

  t.test('while an update fetches, and after one that failed', async (t) => {
    const progress = { ...nothing, objects: { done: 4, total: 9 }, bytes: { done: 1024, total: 4096 } };
    const update = {
      ...fresh.update,
      state: 'acquiring' as const,
      nextAt: null,
      lastError: 'RLY_STORAGE_FULL: no room',
      progress,
    };
    const text = statusText({ ...fresh, update }, fakeIo({ colour: true }), now);
    t.match(text, 'acquiring: 4 of 9 objects, 1.0 KiB of 4.0 KiB');
    t.match(text, '\u001b[31mRLY_STORAGE_FULL: no room\u001b[39m', 'what is wrong is red');
    t.notMatch(text, 'next update');
  });

  t.test('how old what is served really is, and which source wants to be left alone', async (t) => {
    const generation = {
      number: 7,
      publishedAt: at(-300),
      confirmedAt: at(-20),
      objects: 3,
      bytes: 1024,
      onDemand: 0,
      source: 'http://ua1.example.com/activeupdate',
    };
    const source = { url: generation.source, type: 'customized', state: 'failing', lastError: 'RLY_UPSTREAM_BUSY: …' };
    const sources = [
      { ...source, notBefore: at(58) },
      { ...source, notBefore: null },
    ];
    const text = statusText({ ...fresh, generation, sources }, fakeIo(), now);
    t.match(text, '7, published 5 h ago, confirmed 20 min ago: 3 objects, 1.0 KiB; 0 more on demand\n');
    t.match(text, '(customized, failing, not asked for 58 min)\n');
    t.match(text, '(customized, failing)\n');
  });

  t.test('while the store is read, and after', async (t) => {
    const scrubbed = (change: Partial<Status['storage']['scrub']>): string => {
      const walked = { ...scrub, blobs: { done: 3, total: 7 }, broken: 2, ...change };
      return statusText({ ...fresh, storage: { ...fresh.storage, scrub: walked } }, fakeIo(), now);
    };
    t.match(scrubbed({ state: 'walking', nextAt: null }), '\nscrub         reading: 3 of 7 blobs, 2 broken\n');
    t.match(scrubbed({ lastWalkAt: at(-60) }), '\nscrub         all read 1 h ago, 2 broken; next in 5 min\n');
    t.match(scrubbed({ lastWalkAt: at(-60), broken: 0, nextAt: null }), '\nscrub         all read 1 h ago\n');
  });

  t.test('a source that was refused is told also when another one saved the update', async (t) => {
    const source = { url: 'http://ua1/activeupdate', type: 'customized', state: 'failing', notBefore: null };
    const lastError = 'RLY_UPDATE_OLDER: http://ua1/activeupdate/server.ini is older';
    const text = statusText({ ...fresh, sources: [{ ...source, lastError }] }, fakeIo(), now);
    t.match(text, `source        ${source.url} (customized, failing)\n              ${lastError}\n`);
    const update = { ...fresh.update, lastError: 'RLY_UPDATE_NO_SOURCE: Tried http://ua1' };
    t.notMatch(statusText({ ...fresh, update, sources: [{ ...source, lastError }] }, fakeIo(), now), lastError);
  });

  t.test('what the relay tells cannot move the cursor', async (t) => {
    const update = { ...fresh.update, lastError: 'a\u001b[2Jb\nc' };
    const text = statusText({ ...fresh, update }, fakeIo(), now);
    t.match(text, 'last error    a·[2Jb·c\n');
  });
});
