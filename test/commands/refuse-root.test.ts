import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { flipBit } from '../storage/damages.ts';
import { blobFile } from '../storage/store-folder.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, temporaryFolder } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const release = createCatalogue({ shape: 'small' }).release(3);

/** The variables of a relay whose administrator has not said that root is meant. */
async function branch(t: Test): Promise<Record<string, string>> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const { RELAY_ALLOW_ROOT: _, ...env } = await relayEnv(t, lab.url);
  const file = join(await temporaryFolder(t), 'token');
  await writeFile(file, 'a-token-of-more-than-thirty-two-characters\n', { mode: 0o600 });
  return { ...env, RELAY_ADMIN__TOKEN_FILE: file, RELAY_ADMIN__PORT: String(await freePort()) };
}

/** Makes this process root for the rest of the test, as far as it can be asked. */
function becomeRoot(t: Test): void {
  const { getuid } = process;
  t.teardown(() => Object.assign(process, { getuid }));
  process.getuid = () => 0;
}

/** A relay on that store with one blob damaged. It is asked by `relay.env`. */
async function damagedRelay(t: Test, env: Record<string, string>) {
  const relay = await relayFor(t, env);
  await relay.mirror.update('schedule');
  const [object] = relay.store.generations.current()?.objects ?? [];
  flipBit(blobFile(env['RELAY_STORAGE__PATH'] ?? '', object?.sha256 ?? ''));
  return relay;
}

t.test('root wants to be told that root is meant, before anything lies in the store', async (t) => {
  becomeRoot(t);
  for (const args of [['update'], ['update', '--dry-run']]) {
    const env = await branch(t);
    const { code, stdout, stderr } = await runCommand(args, { env });
    t.equal(code, 78);
    t.equal(stdout, '');
    t.match(stderr, /^relay: RLY_ROOT_REFUSED: .*--allow-root \(RELAY_ALLOW_ROOT=1\)/m);
    t.notOk(existsSync(env['RELAY_STORAGE__PATH'] ?? ''));
    t.notMatch((await runCommand([...args, '--allow-root'], { env })).stderr, 'RLY_ROOT_REFUSED');
    t.notMatch((await runCommand(args, { env: { ...env, RELAY_ALLOW_ROOT: '1' } })).stderr, 'RLY_ROOT_REFUSED');
  }
});

t.test('to repair as well, and not to look', async (t) => {
  const env = await branch(t);
  const relay = await damagedRelay(t, env);
  await relay.close('the test goes on without it');
  becomeRoot(t);
  t.equal((await runCommand(['verify'], { env })).code, 1);
  const { code, stderr } = await runCommand(['verify', '--repair'], { env });
  t.equal(code, 78);
  t.match(stderr, 'relay: RLY_ROOT_REFUSED: ');
  t.notMatch((await runCommand(['verify', '--repair', '--allow-root'], { env })).stderr, 'RLY_ROOT_REFUSED');
});

t.test('a running relay does for root what it does for anybody with its token', async (t) => {
  const relay = await damagedRelay(t, await branch(t));
  becomeRoot(t);
  for (const args of [['update', '--dry-run'], ['update'], ['verify', '--repair']]) {
    const { code, stderr } = await runCommand(args, { env: relay.env });
    t.equal(code, 0, stderr);
  }
});
