import t from 'tap';
import { relayEnv, relayFor } from '../support/relay-for.ts';

interface Openapi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, { summary?: string; security?: unknown }>>>>;
}

t.test('GET /api/v1/openapi.json describes every route, in one sentence at least', async (t) => {
  const relay = await relayFor(t, await relayEnv(t, 'http://127.0.0.1:1/officescan'), { limits: { tries: 1 } });
  const answer = await fetch(`${relay.adminUrl}/api/v1/openapi.json`);
  t.match(answer.headers.get('content-type'), /^application\/json/);
  const { openapi, paths } = (await answer.json()) as Openapi;
  t.equal(openapi, '3.1.0');
  const routes = new Set(
    Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((name) => `${name} ${path}`)),
  );
  for (const route of [
    'get /livez',
    'get /readyz',
    'get /metrics',
    'get /api/v1/status',
    'post /api/v1/update',
    'get /api/v1/sources',
    'get /api/v1/generations',
    'get /api/v1/generations/{n}',
    'get /api/v1/generations/{a}/diff/{b}',
    'get /api/v1/objects',
    'get /api/v1/explain',
    'get /api/v1/events',
    'get /api/v1/openapi.json',
  ]) {
    t.ok(routes.has(route), route);
  }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [name, { summary, security }] of Object.entries(methods)) {
      t.match(summary, /^[A-Z].+\.$/, `${name} ${path}`);
      t.equal(security !== undefined, name !== 'get', 'what changes something needs the token, and nothing else');
    }
  }
});

t.test('a parameter that no call knows is refused by each of them', async (t) => {
  const relay = await relayFor(t, await relayEnv(t, 'http://127.0.0.1:1/officescan'), { limits: { tries: 1 } });
  for (const path of [
    '/api/v1/status',
    '/api/v1/sources',
    '/api/v1/generations',
    '/api/v1/generations/1',
    '/api/v1/objects',
    '/api/v1/explain',
    '/api/v1/events',
    '/api/v1/openapi.json',
    '/livez',
    '/readyz',
    '/metrics',
  ]) {
    const answer = await fetch(`${relay.adminUrl}${path}?colour=red`);
    t.equal(answer.status, 400, path);
    t.match(await answer.json(), { error: 'RLY_ADMIN_BAD_REQUEST' });
  }
});
