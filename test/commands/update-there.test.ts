import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import type { DryRun } from '../../src/mirror/dry-run.ts';
import type { Status } from '../../src/telemetry/status.ts';
import { openStore } from '../../storage/open-store.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, temporaryFolder, type TestRelay } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const catalogue = createCatalogue({ shape: 'small' });
const TOKEN = 'a-token-of-more-than-thirty-two-characters';

/** A relay that has release 3 as generation 1 and holds its store; release 4 is out since. */
async function runningRelay(t: Test, { token }: { token: boolean }): Promise<{ lab: LabServer; relay: TestRelay }> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: catalogue.release(3) });
  const env = await relayEnv(t, lab.url);
  if (token) {
    env['RELAY_ADMIN__TOKEN_FILE'] = join(await temporaryFolder(t), 'token');
    await writeFile(env['RELAY_ADMIN__TOKEN_FILE'], `${TOKEN}\n`, { mode: 0o600 });
  }
  const relay = await relayFor(t, env);
  await relay.mirror.update('administrator');
  lab.publish(catalogue.release(4));
  return { lab, relay };
}

t.test('a running relay is asked to update, is followed, and shows its status', async (t) => {
  const { lab, relay } = await runningRelay(t, { token: true });
  lab.faults.on({ kind: 'slow', bytesPerSecond: 100_000, match: (path) => path.endsWith('vsapi991.zip') });
  const { code, stdout, stderr } = await runCommand(['update'], { env: relay.env });
  t.equal(code, 0);
  t.match(stdout, /^relay .*\ngeneration +2, published just now/);
  t.match(stderr, `Fetching from ${lab.componentsUrl}: `, 'it was followed on its way');
  t.equal(relay.store.generations.current()?.number, 2);
  t.match(
    relay.events.of('admin.changed').map(({ what }) => what),
    ['a start', 'an update'],
    'the relay did it, and told who wanted it',
  );

  const json = await runCommand(['update', '--json'], { env: relay.env });
  t.equal(json.code, 0);
  t.match(JSON.parse(json.stdout) as Status, { generation: { number: 2 }, update: { state: 'idle', lastError: null } });
});

t.test('--dry-run of a running relay is its own plan', async (t) => {
  const { lab, relay } = await runningRelay(t, { token: true });
  const text = await runCommand(['update', '--dry-run'], { env: relay.env });
  t.equal(text.code, 0);
  t.match(text.stdout, /^P\.4 +Virus Pattern +changed +19\.989\.00 +19\.991\.00 /m);
  const json = await runCommand(['update', '--dry-run', '--json'], { env: relay.env });
  t.match(JSON.parse(json.stdout) as DryRun, { source: lab.componentsUrl, unchanged: false });
  t.equal(relay.store.generations.current()?.number, 1);
});

t.test('a running relay is told what to let pass, and why', async (t) => {
  const { lab, relay } = await runningRelay(t, { token: true });
  lab.publish(catalogue.release(2));
  const refused = await runCommand(['update'], { env: relay.env });
  t.equal(refused.code, 1);
  t.match(refused.stderr, /RLY_UPDATE_FAILED_THERE: .*is older than what was published before: found P\.4 1998700/);
  const why = ['--allow-older', '--reason', 'the vendor took 3 back'];
  const plan = await runCommand(['update', '--dry-run', ...why], { env: relay.env });
  t.match(plan.stdout, /^P\.4 .* 19\.989\.00 +19\.987\.00 /m);
  t.equal((await runCommand(['update', ...why], { env: relay.env })).code, 0);
  t.equal(relay.store.generations.current()?.number, 2);
  t.match(relay.events.of('admin.changed').at(-1), { what: 'an update that may go back: the vendor took 3 back' });
  t.match(relay.events.of('source.allowed'), [{ code: 'RLY_UPDATE_OLDER', reason: 'the vendor took 3 back' }]);
});

t.test('what is allowed is not for the update that runs already: that one is waited for', async (t) => {
  const { lab, relay } = await runningRelay(t, { token: true });
  lab.publish(catalogue.release(2));
  // Long enough for the command to find it running.
  lab.faults.on({ kind: 'slow', bytesPerSecond: catalogue.release(2).index.length, match: 'server.ini', times: 1 });
  const running = relay.mirror.update('administrator').catch(() => 'refused');
  const allowed = runCommand(['update', '--allow-older', '--reason', 'it is right'], { env: relay.env });
  t.equal(await running, 'refused');
  t.equal((await allowed).code, 0);
  t.equal(relay.store.generations.current()?.number, 2);
  t.equal(relay.events.of('update.started').length, 3);
});

t.test('what it failed of there is said here', async (t) => {
  const { lab, relay } = await runningRelay(t, { token: true });
  lab.faults.on({ kind: 'portal', match: 'server.ini' });
  const { code, stdout, stderr } = await runCommand(['update'], { env: relay.env });
  t.equal(code, 1);
  t.equal(stdout, '');
  t.match(
    stderr,
    /relay: RLY_UPDATE_FAILED_THERE: the running relay could not update: RLY_UPDATE_NO_SOURCE: .*not a server\.ini/,
  );

  const plan = await runCommand(['update', '--dry-run'], { env: relay.env });
  t.equal(plan.code, 1);
  t.match(
    plan.stderr,
    /relay: RLY_ADMIN_REFUSED: .*\/api\/v1\/update answered 503: no update source could serve this update\. Tried .*: this is not a server\.ini: /,
  );
});

t.test('a relay without a token is read-only, and says what to configure', async (t) => {
  const { relay } = await runningRelay(t, { token: false });
  for (const args of [['update'], ['update', '--dry-run']]) {
    const { code, stdout, stderr } = await runCommand(args, { env: relay.env });
    t.equal(code, 1);
    t.equal(stdout, '');
    t.equal(
      stderr,
      `relay: RLY_ADMIN_REFUSED: ${relay.adminUrl}/api/v1/update answered 403: this relay has no admin token, so nothing can be changed over the network. Put a token of at least 32 characters into a file (openssl rand -hex 32), name it in admin.tokenFile, and have the relay read its configuration again (SIGHUP). These are the relay’s own words; its log may say more.\n`,
    );
  }
  t.equal(relay.store.generations.current()?.number, 1);
});

t.test('the token', async (t) => {
  t.test('that is another than the relay’s is refused, and the relay says why', async (t) => {
    const { relay } = await runningRelay(t, { token: true });
    const file = join(await temporaryFolder(t), 'token');
    await writeFile(file, TOKEN.toUpperCase(), { mode: 0o600 });
    const { code, stderr } = await runCommand(['update'], { env: { ...relay.env, RELAY_ADMIN__TOKEN_FILE: file } });
    t.equal(code, 1);
    t.match(stderr, /RLY_ADMIN_REFUSED: .* answered 401: the bearer token is missing or wrong\. Send/);
  });

  t.test('bug: a token file that could not be read was reported as a bug of the relay', async (t) => {
    const { relay } = await runningRelay(t, { token: true });
    const file = join(await temporaryFolder(t), 'absent');
    const { code, stderr } = await runCommand(['update'], { env: { ...relay.env, RELAY_ADMIN__TOKEN_FILE: file } });
    t.equal(code, 78);
    t.match(stderr, `relay: RLY_ADMIN_TOKEN_UNUSABLE: admin.tokenFile ${file} cannot be used: ENOENT`);
  });
});

t.test('bug: a store held by no relay was reported as a relay that does not answer', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: catalogue.release(3) });
  const env = { ...(await relayEnv(t, lab.url)), RELAY_ADMIN__PORT: String(await freePort()) };
  const { config } = await loadConfig({ env, cwd: import.meta.dirname });
  const store = await openStore(config.storage);
  t.teardown(() => store.close());
  const { code, stderr } = await runCommand(['update'], { env });
  t.equal(code, 74);
  t.match(stderr, `relay: RLY_STORAGE_LOCKED: ${config.storage.path} is in use by process ${process.pid}`);
});

t.test('a relay that goes away while it is followed is said to be gone', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: catalogue.release(3) });
  const env = await relayEnv(t, lab.url);
  const { config } = await loadConfig({ env, cwd: import.meta.dirname });
  const store = await openStore(config.storage);
  t.teardown(() => store.close());
  const real = await relayFor(t, await relayEnv(t, lab.url));
  const status = await (await fetch(`${real.adminUrl}/api/v1/status`)).text();

  let looks = 0;
  const dying = createServer((request, response) => {
    if (request.method === 'POST') response.writeHead(202).end('{"started":true,"state":"checking"}');
    else if ((looks += 1) === 1) response.end(status);
    else request.socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(dying, 'listening');
  t.teardown(() => dying.close());
  const port = String((dying.address() as AddressInfo).port);
  const { code, stderr } = await runCommand(['update'], { env: { ...env, RELAY_ADMIN__PORT: port } });
  t.equal(code, 1);
  t.match(stderr, `relay: RLY_ADMIN_UNREACHABLE: no relay answers at http://127.0.0.1:${port}/api/v1/status: `);
});

t.test('bug: Ctrl-C while a running relay is followed was reported as a bug', async (t) => {
  const { lab, relay } = await runningRelay(t, { token: true });
  lab.faults.on({ kind: 'silent', after: 0, match: (path) => path.endsWith('vsapi991.zip') });
  const stop = new AbortController();
  const ended = runCommand(['update'], { env: relay.env, signal: stop.signal });
  await relay.events.nth('update.planned', 2);
  stop.abort('SIGINT');
  const { code, stderr } = await ended;
  t.equal(code, 1);
  t.match(stderr, /relay: RLY_INTERRUPTED: SIGINT ended the command/);
  t.equal(relay.mirror.view().phase, 'acquiring', 'the relay goes on');
});
