// The fourth way: an interface that let anyone change where patches come from. CVE-2021-3554 (CVSS 9.0).
// Here that is local configuration alone: no request, answer, index or token changes it.
import { writeFile } from 'node:fs/promises';
import { METHODS, request } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import type { Status } from '../../src/telemetry/status.ts';
import { attackedRelay, type AttackedRelay } from '../support/attacked-relay.ts';
import { editedRelease } from '../support/release-with-index.ts';
import { get } from '../support/exchange.ts';
import { temporaryFolder } from '../support/relay-for.ts';
import { respond, scriptedOrigin } from '../support/scripted-origin.ts';
import { testUpstream } from '../support/test-upstream.ts';
import { trimmedRelease } from '../support/trimmed-release.ts';
import { tried } from '../support/tried.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';

async function withToken(t: Test): Promise<AttackedRelay> {
  const file = join(await temporaryFolder(t), 'token');
  await writeFile(file, TOKEN, { mode: 0o600 });
  return attackedRelay(t, { RELAY_ADMIN__TOKEN_FILE: file });
}

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request of the admin listener; answers its status. */
async function ask(adminUrl: string, { method, path, headers = {}, body }: Ask): Promise<number> {
  const { port } = new URL(adminUrl);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const asking = request({ host: '127.0.0.1', port, path, method, headers: { ...length, ...headers } }).end(body);
  const [response] = await once(asking, 'response');
  await buffer(response);
  return response.statusCode;
}

async function sourcesOf({ relay }: AttackedRelay): Promise<unknown> {
  const status = (await (await fetch(`${relay.adminUrl}/api/v1/status`)).json()) as Status;
  return status.sources.map(({ url, type }) => ({ url, type }));
}

/** Where somebody would look for it, in this relay and in others. */
const PATHS = [
  '/api/v1/status',
  '/api/v1/update',
  '/api/v1/sources',
  '/api/v1/config',
  '/api/v1/configuration',
  '/api/v1/settings',
  '/api/v1/generations',
  '/api/v1/rings/office/release',
  '/api/v1/deny',
  '/api/v1/reload',
  '/api/v1/explain',
  '/api/v1/',
  '/api/',
  '/',
  '/config',
  '/metrics',
  '/readyz',
  '/activeupdate/server.ini',
  '/.env',
  '/relay.yaml',
];

t.test('who has no token changes nothing, whatever the method and however it is asked', async (t) => {
  const attacked = await withToken(t);
  const { relay, bystander, lab } = attacked;
  const before = await sourcesOf(attacked);
  const evil = JSON.stringify({
    source: bystander.url,
    url: bystander.url,
    sources: { officeScanServer: bystander.url },
  });
  const identities: Readonly<Record<string, string>>[] = [
    {},
    { authorization: 'Bearer ' },
    { authorization: `Bearer ${TOKEN.slice(1)}` },
    { authorization: `Bearer ${TOKEN}x` },
    { authorization: `Basic ${Buffer.from(`admin:${TOKEN}`).toString('base64')}` },
    { authorization: TOKEN },
    { cookie: `token=${TOKEN}` },
    { 'x-api-key': TOKEN, 'x-forwarded-for': '127.0.0.1', 'x-http-method-override': 'PUT' },
  ];
  const wrong: string[] = [];
  let count = 0;
  for (const path of PATHS) {
    for (const method of METHODS.filter((name) => !['GET', 'HEAD', 'CONNECT'].includes(name))) {
      const headers = { 'content-type': 'application/json', ...identities[count % identities.length] };
      const status = await ask(relay.adminUrl, { method, path, headers, body: evil });
      if (status < 400 || status >= 500) wrong.push(`${method} ${path} is ${status}`);
      count += 1;
    }
  }
  for (const headers of identities) {
    const status = await ask(relay.adminUrl, { method: 'POST', path: '/api/v1/update', headers, body: '' });
    // Too many guesses are refused as such.
    if (![401, 403, 429].includes(status))
      wrong.push(`POST /api/v1/update with ${JSON.stringify(headers)} is ${status}`);
    count += 1;
  }
  t.strictSame(wrong, []);
  t.strictSame(await sourcesOf(attacked), before);
  t.strictSame(lab.requests, [], 'no update was begun');
  t.equal(bystander.connections, 0);
  tried(t, count);
});

t.test('the token lets an update begin, and says nothing about where from', async (t) => {
  const attacked = await withToken(t);
  const { relay, bystander } = attacked;
  const before = await sourcesOf(attacked);
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const bodies = [
    { source: bystander.url },
    { sources: [bystander.url] },
    { url: bystander.url },
    { config: { sources: { officeScanServer: bystander.url } } },
    { dryRun: true, officeScanServer: bystander.url },
    { __proto__: { source: bystander.url }, constructor: { prototype: { source: bystander.url } } },
  ].map((body) => JSON.stringify(body));
  bodies.push(`{"__proto__":{"source":"${bystander.url}"}}`);
  for (const body of bodies) {
    t.equal(await ask(relay.adminUrl, { method: 'POST', path: '/api/v1/update', headers, body }), 400, body);
  }
  const query = `/api/v1/update?source=${encodeURIComponent(bystander.url)}`;
  await ask(relay.adminUrl, { method: 'POST', path: query, headers, body: '{"dryRun":true}' });
  t.strictSame(await sourcesOf(attacked), before);
  t.equal(bystander.connections, 0);
  tried(t, bodies.length + 1);
});

t.test('agents reach no part of the administration', async (t) => {
  const { port } = await withToken(t);
  for (const path of PATHS.filter((name) => name !== '/activeupdate/server.ini')) {
    const { status } = await get(port, path, { headers: { authorization: `Bearer ${TOKEN}` } });
    t.ok(status === 404 || status === 400, `${path} is ${status}`);
  }
  tried(t, PATHS.length - 1);
});

t.test('what an agent says is not passed on to a source', async (t) => {
  const { relay, lab, port } = await attackedRelay(t, { RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '0B' });
  const release = trimmedRelease(createCatalogue({ shape: 'small' }).release(1), ['P.4', 'E.10']);
  const pattern = [...release.files.values()].find(({ kind }) => kind === 'pattern')?.path ?? '';
  const marks = {
    'user-agent': 'mark-1',
    cookie: 'mark-2',
    referer: 'http://mark-3/',
    'x-forwarded-for': 'mark-4',
    authorization: 'Bearer mark-5',
    'x-anything': 'mark-6',
    'accept-encoding': 'mark-7',
    'cache-control': 'no-cache, mark-8',
    pragma: 'mark-9',
  };
  t.equal((await get(port, `/activeupdate/${pattern}?mark-10`, { headers: marks })).status, 200);
  t.ok(lab.requests.length > 0, 'this one was fetched on demand');
  t.notMatch(JSON.stringify(lab.requests), /mark-/);
  await relay.mirror.update('administrator');
  t.notMatch(JSON.stringify(lab.requests), /mark-/);
  tried(t, Object.keys(marks).length + 1);
});

t.test('an index that names other servers sends the relay to none of them', async (t) => {
  const { relay, lab, bystander } = await attackedRelay(t);
  const later = trimmedRelease(createCatalogue({ shape: 'small' }).release(2), ['P.4', 'E.10']);
  const servers = `[Server]\nAvailableServer=2\nServer.1=${bystander.url}\nServer.2=${bystander.url}\nProxy=${bystander.host}\n`;
  lab.publish(editedRelease(later, (text) => text.replace(/\[Server\]\n[^[]*/, servers)));
  t.match(await relay.mirror.update('administrator'), { result: 'published', source: lab.componentsUrl });
  t.equal(bystander.connections, 0);
  const { body } = await get(Number(new URL(relay.agentsUrl).port), '/activeupdate/server.ini');
  t.notMatch(body.toString(), /^Server\.1=/m, 'nor the agents');
  tried(t, 1);
});

t.test('a source that points elsewhere is not followed', async (t) => {
  const { bystander } = await attackedRelay(t);
  const places = [
    `${bystander.url}/server.ini`,
    `//${bystander.host}/server.ini`,
    `http:${bystander.host}`,
    `ftp://${bystander.host}/x`,
  ];
  const upstream = testUpstream(t);
  for (const place of places) {
    for (const status of [301, 302, 303, 307, 308]) {
      const { source } = await scriptedOrigin(t, [respond(status, { Location: place })]);
      await t.rejects(upstream.fetchIndex(source, null), { code: 'RLY_UPSTREAM_REDIRECT' }, `${status} to ${place}`);
    }
  }
  t.equal(bystander.connections, 0);
  tried(t, places.length * 5);
});
