import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Value } from 'typebox/value';
import { createCatalogue } from '../../src/lab/release.ts';
import { dryRunSchema } from '../../src/mirror/dry-run.ts';
import { statusSchema, type Status } from '../../src/telemetry/status.ts';
import { VERSION } from '../../src/version.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, temporaryFolder } from '../support/relay-for.ts';

const catalogue = createCatalogue({ shape: 'small' });
const release = catalogue.release(3);
const TOKEN = '0123456789abcdef0123456789abcdef';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Refused {
  readonly error: string;
  readonly detail: string;
  readonly requestId: string;
}

/** A relay with a token, and its source: with a release, without one, or with one nobody gets to see. */
async function site(t: Test, source: 'published' | 'empty' | 'silent') {
  const lab = await labServerFor(t, { kind: 'officeScanServer', ...(source !== 'empty' && { release }) });
  if (source === 'silent') lab.faults.on({ kind: 'silent', match: 'server.ini' });
  const tokenFile = join(await temporaryFolder(t), 'token');
  await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  const relay = await relayFor(t, { ...(await relayEnv(t, lab.url)), RELAY_ADMIN__TOKEN_FILE: tokenFile });
  if (source === 'published') await relay.mirror.update('schedule');
  const ask = (path: string, init?: RequestInit) => fetch(`${relay.adminUrl}${path}`, init);
  const post = (body: string | null, headers: Record<string, string> = JSON_TYPE) =>
    ask('/api/v1/update', { method: 'POST', headers: { authorization: `Bearer ${TOKEN}`, ...headers }, body });
  return { lab, relay, ask, post };
}

async function refused(t: Test, answer: Response, status: number, code: string): Promise<Refused> {
  const body = (await answer.json()) as Refused;
  t.equal(answer.status, status);
  t.equal(answer.headers.get('content-type'), 'application/json');
  t.equal(answer.headers.get('cache-control'), 'no-store');
  t.strictSame(Object.keys(body), ['error', 'detail', 'requestId']);
  t.equal(body.error, code);
  t.match(body.requestId, /\S/);
  return body;
}

t.test('GET /api/v1/status', async (t) => {
  t.test('has every field of the contract, before the first generation and after', async (t) => {
    const { lab, relay, ask } = await site(t, 'empty');
    await relay.events.nth('update.waiting', 1);
    const before = (await (await ask('/api/v1/status')).json()) as Status;
    t.ok(Value.Check(statusSchema, before));
    t.match(before, {
      version: VERSION,
      generation: null,
      update: { state: 'waiting', lastSuccessAt: null, lastError: /there is no index/, nextAt: /Z$/ },
      sources: [
        {
          url: lab.componentsUrl,
          type: 'officeScanServer',
          state: 'failing',
          lastError: /there is no index/,
          notBefore: null,
        },
      ],
      storage: { bytes: 0, maxBytes: 20 * 1024 ** 3 },
      wan: { bytes: 0 },
    });

    lab.publish(release);
    await relay.mirror.update('administrator');
    const answer = await ask('/api/v1/status');
    t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
    const after = (await answer.json()) as Status;
    const { objects, bytes } = after.generation ?? {};
    t.ok(Value.Check(statusSchema, after));
    t.match(after, {
      generation: { number: 1, publishedAt: /^\d{4}-\d\d-\d\dT.*Z$/, confirmedAt: /Z$/, source: lab.componentsUrl },
      update: { state: 'idle', lastSuccessAt: /Z$/, lastError: null, nextAt: /Z$/ },
      sources: [{ state: 'ok', lastError: null }],
      storage: { bytes: relay.store.usage().bytes },
      wan: { bytes: lab.bytesSent },
    });
    t.equal(objects, relay.store.generations.current()?.objects.length);
    t.ok(Number(bytes) > 0);
  });

  t.test('says what failed, and that it was the source', async (t) => {
    const { lab, relay, ask } = await site(t, 'published');
    lab.faults.on({ kind: 'status', status: 403, match: 'server.ini' });
    relay.mirror.request('administrator');
    await relay.events.nth('update.failed', 1);
    const status = (await (await ask('/api/v1/status')).json()) as Status;
    t.match(status.update, { state: 'idle', lastSuccessAt: /Z$/, lastError: /^RLY_UPDATE_NO_SOURCE: .*403/ });
    t.match(status.sources, [{ state: 'failing', lastError: /^RLY_UPSTREAM_STATUS: .*403/ }]);
  });

  t.test('bug: a full disk was said to be the source’s fault', async (t) => {
    const lab = await labServerFor(t, { kind: 'officeScanServer', release });
    const relay = await relayFor(t, { ...(await relayEnv(t, lab.url)), RELAY_STORAGE__MIN_FREE: '1000TiB' });
    await relay.events.nth('update.failed', 1);
    const status = (await (await fetch(`${relay.adminUrl}/api/v1/status`)).json()) as Status;
    t.match(status.update.lastError, /^RLY_STORAGE_FULL: /);
    t.match(status.sources, [{ state: 'unknown', lastError: null }]);
  });
});

t.test('POST /api/v1/update', async (t) => {
  t.test('begins an update, and the log says who wanted it', async (t) => {
    const { lab, relay, post } = await site(t, 'published');
    lab.publish(catalogue.release(4));
    const answer = await post('{}');
    t.equal(answer.status, 202);
    t.strictSame(await answer.json(), { started: true, state: 'checking' });
    const [, noted] = relay.events.of('admin.changed');
    t.match(noted, { who: 'admin token from 127.0.0.1', what: 'an update', entry: 2, hash: /^[0-9a-f]{64}$/ });
    const audit = await readFile(join(String(relay.env['RELAY_STORAGE__PATH']), 'audit'), 'utf8');
    t.match(audit, `${noted?.hash} {"entry":2,`);
    t.match(audit, '"who":"admin token from 127.0.0.1","what":"an update","before":{"generation":1},"after":null}');
    t.match(await relay.events.nth('update.published', 2), { generation: 2 });
    t.match(relay.events.of('update.started').at(-1), { trigger: 'administrator' });
  });

  t.test('begins none while one is running', async (t) => {
    const { relay, post } = await site(t, 'silent');
    const answer = await post('{}');
    t.equal(answer.status, 202);
    t.strictSame(await answer.json(), { started: false, state: 'checking' });
    t.equal(relay.events.of('update.started').length, 1);
    t.equal(relay.events.of('admin.changed').length, 1, 'the start alone');
  });

  t.test('bug: of three at the same moment one began an update, and three were noted', async (t) => {
    const { lab, relay, post } = await site(t, 'published');
    lab.faults.on({ kind: 'silent', match: 'server.ini' });
    const answers = await Promise.all([1, 2, 3].map(async () => (await (await post('{}')).json()) as object));
    t.equal(answers.filter((answer) => 'started' in answer && answer.started).length, 1);
    t.match(
      relay.events.of('admin.changed').map(({ what }) => what),
      ['a start', 'an update'],
    );
    t.equal(relay.events.of('admin.changed').length, 2);
  });

  t.test('begins none that cannot be noted', async (t) => {
    const { relay, post } = await site(t, 'published');
    const audit = join(String(relay.env['RELAY_STORAGE__PATH']), 'audit');
    await rm(audit);
    await symlink('/dev/null', audit);
    await refused(t, await post('{}'), 503, 'RLY_STORAGE_IO');
    t.equal(relay.events.of('admin.changed').length, 1, 'the start alone');
    t.equal(relay.events.of('update.started').length, 1);
  });

  t.test('takes no body, an empty one and one with dryRun false alike', async (t) => {
    const { post } = await site(t, 'silent');
    for (const answer of [await post(null, {}), await post('{}'), await post('{"dryRun":false}')]) {
      t.equal(answer.status, 202);
      t.match(await answer.json(), { state: 'checking' });
    }
  });

  t.test('dryRun: the plan, and nothing changes', async (t) => {
    const { lab, relay, post } = await site(t, 'published');
    const answer = await post('{"dryRun":true}');
    t.equal(answer.status, 200);
    const plan: unknown = await answer.json();
    t.ok(Value.Check(dryRunSchema, plan));
    t.match(plan, { source: lab.componentsUrl, unchanged: true, changes: [], fetch: [], bytes: 0 });
    t.equal(relay.events.of('admin.changed').length, 1, 'the start alone');

    lab.publish(catalogue.release(4));
    const changed: unknown = await (await post('{"dryRun":true}')).json();
    t.ok(Value.Check(dryRunSchema, changed));
    t.match(changed, { unchanged: false });
    t.equal(relay.store.generations.current()?.number, 1);
  });

  t.test('allowOlder and allowShrink go with a reason, which the log keeps', async (t) => {
    const { lab, relay, post } = await site(t, 'published');
    lab.publish(catalogue.release(2));
    for (const body of [
      { allowOlder: true },
      { allowShrink: true, reason: '' },
      { allowOlder: true, reason: 'x'.repeat(501) },
      { reason: 'for nothing' },
      { allowOlder: false, reason: 'for nothing' },
      { allowOlder: 'yes', reason: 'a text is no switch' },
      { allowOlder: true, reason: 7 },
      { allowOlder: true, reason: 'right', source: 'http://evil.example' },
    ]) {
      await refused(t, await post(JSON.stringify(body)), 400, 'RLY_ADMIN_BAD_REQUEST');
    }
    t.equal(relay.events.of('admin.changed').length, 1, 'the start alone');
    await refused(t, await post('{"dryRun":true}'), 503, 'RLY_UPDATE_NO_SOURCE');
    const reason = 'vendor notice 1234';
    const plan = await post(JSON.stringify({ dryRun: true, allowOlder: true, reason }));
    t.match(await plan.json(), { unchanged: false });
    t.equal((await post(JSON.stringify({ allowOlder: true, reason }))).status, 202);
    t.match(relay.events.of('admin.changed').at(-1), { what: 'an update that may go back: vendor notice 1234' });
    t.match(await relay.events.nth('update.published', 2), { generation: 2 });
  });

  t.test('dryRun of a source that fails is 503, in the words of the failure', async (t) => {
    const { lab, post } = await site(t, 'published');
    lab.faults.on({ kind: 'portal', match: 'server.ini' });
    const { detail } = await refused(t, await post('{"dryRun":true}'), 503, 'RLY_UPDATE_NO_SOURCE');
    t.match(detail, 'this is not a server.ini');
  });

  t.test('bug: a misspelt dryRun was dropped and an update begun; texts were taken for switches', async (t) => {
    const { relay, post } = await site(t, 'silent');
    const bodies = [
      '{"dryrun":true}',
      '{"dryRun":true,"source":"http://evil.example"}',
      '{"dryRun":"true"}',
      '{"dryRun":1}',
      '{"dryRun":null}',
      '[]',
      '"now"',
      'true',
      '{"__proto__":{"dryRun":true}}',
      '{',
    ];
    for (const body of bodies) {
      const { detail } = await refused(t, await post(body), 400, 'RLY_ADMIN_BAD_REQUEST');
      t.match(detail, /^the request is not understood: \S.*\. Send JSON/, body);
    }
    t.equal(relay.events.of('admin.changed').length, 1, 'the start alone');
    t.strictSame(relay.events.of('error.internal'), []);
  });

  t.test('other types of content than JSON are refused', async (t) => {
    const { post } = await site(t, 'silent');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/xml', 'multipart/form-data']) {
      await refused(t, await post('{}', { 'content-type': type }), 400, 'RLY_ADMIN_BAD_REQUEST');
    }
  });

  t.test('a body of more than 16 KiB is refused', async (t) => {
    const { post } = await site(t, 'published');
    const body = (length: number) => `{"dryRun":true${' '.repeat(length - 15)}}`;
    t.equal((await post(body(16 * 1024))).status, 200);
    await refused(t, await post(body(16 * 1024 + 1)), 400, 'RLY_ADMIN_BAD_REQUEST');
  });
});

t.test('what is not there is 404, and says where things are; what is there for other methods is 405', async (t) => {
  const { ask } = await site(t, 'silent');
  for (const path of ['/api/v1/nothing', '/activeupdate/server.ini', '/']) {
    const { detail } = await refused(t, await ask(path), 404, 'RLY_ADMIN_NOT_FOUND');
    t.match(detail, `there is no ${path} here. The API is under /api/v1`);
  }
  for (const [path, method, allow] of [
    ['/api/v1/update', 'GET', 'POST'],
    ['/api/v1/status', 'POST', 'GET'],
  ] as const) {
    const answer = await ask(path, { method });
    t.equal(answer.headers.get('allow'), allow);
    await refused(t, answer, 405, 'RLY_METHOD_NOT_ALLOWED');
  }
});
