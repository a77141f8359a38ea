import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Value } from 'typebox/value';
import { createCatalogue } from '../../src/lab/release.ts';
import { repairSchema, type RepairView } from '../../src/mirror/repair.ts';
import { flipBit } from '../storage/damages.ts';
import { blobFile } from '../storage/store-folder.ts';
import { eventually } from '../support/eventually.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, temporaryFolder } from '../support/relay-for.ts';
import { generationDifferences } from '../support/release-truth.ts';

const release = createCatalogue({ shape: 'small' }).release(3);
const TOKEN = '0123456789abcdef0123456789abcdef';

/** A relay with a generation, one of whose blobs is damaged. */
async function site(t: Test) {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const tokenFile = join(await temporaryFolder(t), 'token');
  await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  const env: Record<string, string> = await relayEnv(t, lab.url);
  env['RELAY_ADMIN__TOKEN_FILE'] = tokenFile;
  const relay = await relayFor(t, env);
  await relay.mirror.update('schedule');
  const [victim] = relay.store.generations.current()?.objects ?? [];
  flipBit(blobFile(env['RELAY_STORAGE__PATH'] ?? '', victim?.sha256 ?? ''));
  const url = `${relay.adminUrl}/api/v1/verify`;
  const post = (headers: Record<string, string>, body: string | null = null) =>
    fetch(url, { method: 'POST', headers, body });
  const view = async () => (await (await fetch(url)).json()) as RepairView;
  return { lab, relay, victim, post, view };
}

t.test('a repair is asked for, runs by itself, and whoever wants to knows how it is', async (t) => {
  const { relay, victim, post, view } = await site(t);
  const before = await view();
  t.ok(Value.Check(repairSchema, before));
  t.strictSame(before, { state: 'idle', lastError: null, lastEndAt: null });
  const answer = await post({ authorization: `Bearer ${TOKEN}` });
  t.equal(answer.status, 202);
  t.strictSame(await answer.json(), { started: true });
  t.match(await relay.events.nth('admin.changed', 2), {
    who: 'admin token from 127.0.0.1',
    what: 'a repair of the store',
  });
  const audit = await readFile(join(String(relay.env['RELAY_STORAGE__PATH']), 'audit'), 'utf8');
  t.match(audit, '"what":"a repair of the store","before":{"generation":1},"after":null}');
  t.match(await relay.events.nth('blob.broken', 1), { sha256: victim?.sha256 });
  await relay.events.nth('update.published', 2);
  await eventually('its end', async () => (await view()).state === 'idle');
  t.match(await view(), { lastError: null, lastEndAt: /Z$/ });
  const { generations } = relay.store;
  t.strictSame(await generationDifferences(release, relay.store, generations.current()), []);
});

t.test('bug: of three at the same moment one began, and three were noted', async (t) => {
  const { lab, relay, post } = await site(t);
  lab.faults.on({ kind: 'silent', match: 'server.ini' });
  const asked = [1, 2, 3].map(async () => (await (await post({ authorization: `Bearer ${TOKEN}` })).json()) as object);
  const answers = await Promise.all(asked);
  t.equal(answers.filter((answer) => 'started' in answer && answer.started).length, 1);
  t.equal(relay.events.of('admin.changed').length, 2, 'the start, and the one that began');
});

t.test('nobody without the token begins one', async (t) => {
  const { relay, post, view } = await site(t);
  for (const headers of [{}, { authorization: 'Bearer guess' }] as Record<string, string>[]) {
    const answer = await post(headers);
    t.equal(answer.status, 401);
    t.match(await answer.json(), { error: 'RLY_ADMIN_UNAUTHORIZED' });
  }
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const answer = await post(headers, '{"fast":true}');
  t.equal(answer.status, 400);
  t.match(await view(), { state: 'idle', lastEndAt: null });
  t.equal(relay.events.of('admin.changed').length, 1, 'the start alone');
});
