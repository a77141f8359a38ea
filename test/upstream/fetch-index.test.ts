import t from 'tap';
import type { IndexAnswer } from '../../src/upstream/upstream.ts';
import { head, respond, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';
import { testUpstream } from '../support/test-upstream.ts';

const index = '[PATTERN]\r\nP.4=pattern/vsapi241.zip, 1724100, 5\r\n';
const validators = { etag: '"v1"', lastModified: 'Mon, 01 Jul 2024 12:00:00 GMT' };
const fresh = { ETag: validators.etag, 'Last-Modified': validators.lastModified };

/** Without what it tells of its origin. */
function alone(answer: IndexAnswer): object {
  const origin = new Set(['confirmedAt', 'relays']);
  return Object.fromEntries(Object.entries(answer).filter(([name]) => !origin.has(name)));
}

t.test('an index comes with its bytes as they are, and its validators', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, fresh, index)]);
  const upstream = testUpstream(t);
  const answer = await upstream.fetchIndex(origin.source, null);
  t.strictSame(alone(answer), { state: 'fetched', bytes: Buffer.from(index), ...validators });
  t.equal(upstream.received.total(origin.source.url), index.length);
  const [request] = origin.requests;
  t.equal(request?.target, '/activeupdate/server.ini');
  t.equal(request?.headers.get('accept-encoding'), 'identity');
  t.equal(request?.headers.get('user-agent'), 'relay-test');
  t.notOk(request?.headers.has('if-none-match'));
  t.notOk(request?.headers.has('if-modified-since'));
  t.notOk(request?.headers.has('cookie'));
});

t.test('an index in chunks is as good', async (t) => {
  const chunked: Scene = (_, socket) =>
    socket.write(`${head(200, { 'Transfer-Encoding': 'chunked' })}5\r\n[PATT\r\n4\r\nERN]\r\n0\r\n\r\n`);
  const origin = await scriptedOrigin(t, [chunked]);
  const answer = await testUpstream(t).fetchIndex(origin.source, null);
  const bytes = Buffer.from('[PATTERN]');
  t.strictSame(alone(answer), { state: 'fetched', bytes, etag: null, lastModified: null });
});

t.test('validators make the request conditional, and 304 means unchanged', async (t) => {
  const origin = await scriptedOrigin(t, [respond(304)]);
  const upstream = testUpstream(t);
  t.match(await upstream.fetchIndex(origin.source, validators), { state: 'unchanged' });
  t.match(await upstream.fetchIndex(origin.source, { ...validators, etag: null }), { state: 'unchanged' });
  const [both, one] = origin.requests;
  t.equal(both?.headers.get('if-none-match'), '"v1"');
  t.equal(both?.headers.get('if-modified-since'), validators.lastModified);
  t.notOk(one?.headers.has('if-none-match'));
});

t.test('a 304 nobody asked for is an error', async (t) => {
  const origin = await scriptedOrigin(t, [respond(304)]);
  const upstream = testUpstream(t);
  const expected = { code: 'RLY_UPSTREAM_STATUS', fields: { found: 304, expected: '200' } };
  await t.rejects(upstream.fetchIndex(origin.source, null), expected);
  await t.rejects(upstream.fetchIndex(origin.source, { etag: null, lastModified: null }), expected);
});

t.test('an index tells when its origin last had it, and through which relays it came, also with a 304', async (t) => {
  const [one, two] = ['relay-00000000-0000-4000-8000-000000000001', 'relay-00000000-0000-4000-8000-000000000002'];
  const origin = await scriptedOrigin(t, [
    respond(200, { Age: 90, Via: `1.1 ${one}, 1.0 proxy.example.com:3128 (squid), 1.1 ${two}` }, index),
    respond(304, { Age: '30, 5', Via: `1.1 ${one}` }),
    respond(304),
    respond(304, { Age: '-5', Via: '1.1 relay-of-mine' }),
  ]);
  const upstream = testUpstream(t, {}, { now: () => 1_000_000 });
  const { confirmedAt, relays } = await upstream.fetchIndex(origin.source, null);
  t.strictSame({ confirmedAt, relays }, { confirmedAt: 910_000, relays: [one, two] });
  const unchanged = async () => upstream.fetchIndex(origin.source, validators);
  t.strictSame(await unchanged(), { state: 'unchanged', confirmedAt: 970_000, relays: [one] });
  t.strictSame(await unchanged(), { state: 'unchanged', confirmedAt: 1_000_000, relays: [] }, 'an origin says neither');
  t.strictSame(
    await unchanged(),
    { state: 'unchanged', confirmedAt: 1_000_000, relays: [] },
    'nonsense is passed over',
  );
});

t.test('508 is a loop, and is not tried again; without a name no Via is sent', async (t) => {
  const origin = await scriptedOrigin(t, [respond(508)]);
  const upstream = testUpstream(t);
  const url = `${origin.source.url}/server.ini`;
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_LOOP',
    fault: 'config',
    fields: { url, found: 508 },
  });
  t.equal(origin.requests.length, 1);
  t.notOk(origin.requests[0]?.headers.has('via'));
});

t.test('404 and 410 have a code of their own and are not tried again', async (t) => {
  const origin = await scriptedOrigin(t, [respond(404, {}, 'gone for a release'), respond(410)]);
  const upstream = testUpstream(t);
  const url = `${origin.source.url}/server.ini`;
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_NOT_FOUND',
    fields: { url, found: 404 },
  });
  await t.rejects(upstream.fetchIndex(origin.source, null), { code: 'RLY_UPSTREAM_NOT_FOUND', fields: { found: 410 } });
  t.equal(origin.requests.length, 2);
});

t.test('other statuses are named; 4xx is final, 5xx is tried three times', async (t) => {
  const origin = await scriptedOrigin(t, [respond(403), respond(500), respond(502), respond(500)]);
  const upstream = testUpstream(t);
  await t.rejects(upstream.fetchIndex(origin.source, null), { code: 'RLY_UPSTREAM_STATUS', fields: { found: 403 } });
  t.equal(origin.requests.length, 1);
  await t.rejects(upstream.fetchIndex(origin.source, validators), {
    code: 'RLY_UPSTREAM_STATUS',
    fields: { found: 500, expected: '200 or 304' },
  });
  t.equal(origin.requests.length, 4);
  t.strictSame(
    upstream.retries.map(({ attempt }) => attempt),
    [2, 3],
  );
});

t.test('a body that ends with its connection is refused: a reset looks the same', async (t) => {
  const origin = await scriptedOrigin(t, [(_, socket) => socket.end(head(200) + index)]);
  await t.rejects(testUpstream(t).fetchIndex(origin.source, null), { code: 'RLY_UPSTREAM_NO_LENGTH' });
  t.equal(origin.requests.length, 1);
});

t.test('a body that is cut is tried again', async (t) => {
  const cut = head(200, { 'Content-Length': index.length }) + index.slice(0, 20);
  const tornChunks = `${head(200, { 'Transfer-Encoding': 'chunked', Connection: 'close' })}5\r\n[PATT\r\n`;
  const origin = await scriptedOrigin(t, [
    (_, socket) => socket.end(cut),
    (_, socket) => socket.end(tornChunks),
    respond(200, {}, index),
  ]);
  const upstream = testUpstream(t);
  const answer = await upstream.fetchIndex(origin.source, null);
  t.strictSame(alone(answer), { state: 'fetched', bytes: Buffer.from(index), etag: null, lastModified: null });
  t.equal(upstream.retries.length, 2);
});

t.test('an index too big is refused by its length, or where it passes the limit', async (t) => {
  const endless: Scene = (_, socket) => {
    socket.write(head(200, { 'Transfer-Encoding': 'chunked' }));
    const more = () => {
      while (!socket.destroyed && socket.write(`400\r\n${'x'.repeat(1024)}\r\n`));
      socket.once('drain', more);
    };
    more();
  };
  const origin = await scriptedOrigin(t, [respond(200, {}, 'x'.repeat(10_001)), endless]);
  const upstream = testUpstream(t, { indexBytes: 10_000 });
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_SIZE',
    fields: { found: 10_001, expected: 'at most 10000' },
  });
  t.ok(upstream.received.total(origin.source.url) <= 10_001, 'what came all the same is counted');
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_SIZE',
    fields: { found: 'more than 10000', expected: 'at most 10000' },
  });
});

t.test('a coded answer is refused; the coding of an error page is nobody’s business', async (t) => {
  const coding = { 'Content-Encoding': 'gzip' };
  const origin = await scriptedOrigin(t, [
    respond(200, coding, 'whatever'),
    respond(200, { 'Content-Encoding': 'identity' }, index),
    respond(404, coding, 'whatever'),
  ]);
  const upstream = testUpstream(t);
  await t.rejects(upstream.fetchIndex(origin.source, null), { code: 'RLY_UPSTREAM_CODED', fields: { found: 'gzip' } });
  t.match(await upstream.fetchIndex(origin.source, null), { state: 'fetched' });
  await t.rejects(upstream.fetchIndex(origin.source, null), { code: 'RLY_UPSTREAM_NOT_FOUND' });
});

t.test('a redirect is followed within the origin, and nowhere else', async (t) => {
  const origin = await scriptedOrigin(t, [
    respond(302, { Location: '/activeupdate/Server.ini' }),
    respond(200, {}, index),
    respond(301, { Location: 'https://evil.example.com/server.ini' }),
    respond(307),
    respond(308, { Location: 'server.ini' }),
  ]);
  const upstream = testUpstream(t);
  t.match(await upstream.fetchIndex(origin.source, null), { state: 'fetched' });
  t.equal(origin.requests[1]?.target, '/activeupdate/Server.ini');
  const refused = (found: number, location: string) => ({ code: 'RLY_UPSTREAM_REDIRECT', fields: { found, location } });
  await t.rejects(upstream.fetchIndex(origin.source, null), refused(301, 'https://evil.example.com/server.ini'));
  await t.rejects(upstream.fetchIndex(origin.source, null), refused(307, 'nowhere'));
  await t.rejects(upstream.fetchIndex(origin.source, null), refused(308, 'server.ini'), 'a loop ends');
  t.equal(origin.requests.length, 8);
});

t.test('Retry-After is waited for, as seconds or as a date, and told when it is too long', async (t) => {
  const date = new Date(Date.now() + 3_000).toUTCString();
  const origin = await scriptedOrigin(t, [
    respond(429, { 'Retry-After': 4 }),
    respond(503, { 'Retry-After': date }),
    respond(200, {}, index),
    respond(503, { 'Retry-After': 3600 }),
    respond(429),
    respond(200, {}, index),
  ]);
  const upstream = testUpstream(t);
  t.match(await upstream.fetchIndex(origin.source, null), { state: 'fetched' });
  const [first, second] = upstream.retries;
  t.equal(first?.seconds, 4);
  t.ok(second && second.seconds >= 2 && second.seconds <= 3, String(second?.seconds));
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_BUSY',
    fields: { found: 503, retryAfter: 3600 },
  });
  t.match(
    await upstream.fetchIndex(origin.source, null),
    { state: 'fetched' },
    '429 without a time backs off as usual',
  );
  t.equal(upstream.retries.length, 3);
});

t.test('credentials of the source are sent, and shown nowhere', async (t) => {
  const origin = await scriptedOrigin(t, [respond(401)]);
  const url = origin.source.url.replace('://', '://relay:secret@');
  const error: unknown = await testUpstream(t)
    .fetchIndex({ ...origin.source, url }, null)
    .catch((failure: unknown) => failure);
  t.match(error, { code: 'RLY_UPSTREAM_UNAUTHORIZED', fields: { status: 401 } });
  t.notMatch(`${String(error)} ${JSON.stringify(error)}`, /secret/);
  t.equal(origin.requests[0]?.headers.get('authorization'), `Basic ${btoa('relay:secret')}`);
});
