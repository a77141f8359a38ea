import t, { type Test } from 'tap';
import type { ResourceHead, ResourceRequest, Upstream } from '../../src/upstream/upstream.ts';
import { memorySink, type MemorySink } from '../support/memory-sink.ts';
import { head, respond, type Scene, scriptedOrigin, type ScriptedOrigin } from '../support/scripted-origin.ts';
import { testUpstream } from '../support/test-upstream.ts';

const path = 'hotfix_pccnt/Common/Setup 1.exe';
const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
const FIELDS = { ETag: '"v1"', 'Cache-Control': 'max-age=60', 'Set-Cookie': 'session=1', Server: 'IIS' };

interface Bench {
  readonly origin: ScriptedOrigin;
  readonly upstream: Upstream & { readonly retries: readonly { readonly url: string; readonly error: string }[] };
  /** What `open` was told, and where the bytes of each take went. */
  readonly heads: ResourceHead[];
  readonly sinks: MemorySink[];
  readonly request: ResourceRequest;
}

async function bench(t: Test, scenes: readonly Scene[], more: Partial<ResourceRequest> = {}): Promise<Bench> {
  const origin = await scriptedOrigin(t, scenes);
  const heads: ResourceHead[] = [];
  const sinks: MemorySink[] = [];
  const request: ResourceRequest = {
    source: origin.source,
    path,
    kind: 'programs',
    limit: 1_000_000,
    validators: null,
    async open(told) {
      heads.push(told);
      const sink = memorySink();
      sinks.push(sink);
      return sink;
    },
    ...more,
  };
  return { origin, upstream: testUpstream(t), heads, sinks, request };
}

/** The first so many bytes of an answer that announces all of them, and then no connection any more. */
const cutAfter =
  (bytes: number, headers: Readonly<Record<string, string>>): Scene =>
  (_, socket) => {
    socket.write(head(200, { 'Content-Length': content.length, ...headers }));
    socket.write(content.subarray(0, bytes), () => socket.destroySoon());
  };

const rest = (from: number, headers: Readonly<Record<string, string>>): Scene =>
  respond(
    206,
    { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}`, ...headers },
    content.subarray(from),
  );

t.test('a resource comes whole, into a sink that is opened when its length is known', async (t) => {
  const { origin, upstream, heads, sinks, request } = await bench(t, [respond(200, FIELDS, content)]);
  const fields = { etag: '"v1"', 'cache-control': 'max-age=60' };
  t.strictSame(await upstream.fetchResource(request), { state: 'fetched', fields });
  t.strictSame(heads, [{ length: content.length, fields }]);
  t.ok(sinks[0]?.bytes.equals(content));
  t.strictSame(upstream.received.rows(), [{ source: origin.source.url, kind: 'programs', bytes: content.length }]);
  const { target, headers } = origin.requests[0] ?? {};
  t.equal(target, '/activeupdate/hotfix_pccnt/Common/Setup%201.exe');
  t.strictSame([...(headers?.keys() ?? [])].sort(), ['accept-encoding', 'connection', 'host', 'user-agent']);
});

t.test('what is here is asked for conditionally, and nothing comes where it still holds', async (t) => {
  const validators = { etag: '"v1"', lastModified: 'Thu, 26 Nov 2026 12:00:00 GMT' };
  const changed = respond(200, { ETag: '"v2"' }, 'changed');
  const scenes = [
    (_: unknown, socket: Parameters<Scene>[1]) => socket.write(head(304, { ETag: '"v1"', Expires: '0' })),
  ];
  const { origin, upstream, heads, sinks, request } = await bench(t, [...scenes, changed], { validators });
  t.strictSame(await upstream.fetchResource(request), {
    state: 'unchanged',
    fields: { etag: '"v1"', expires: '0' },
  });
  t.strictSame(heads, []);
  t.match(await upstream.fetchResource(request), { state: 'fetched', fields: { etag: '"v2"' } });
  t.equal(sinks[0]?.bytes.toString(), 'changed');
  for (const { headers } of origin.requests) {
    t.equal(headers.get('if-none-match'), validators.etag);
    t.equal(headers.get('if-modified-since'), validators.lastModified);
  }
});

t.test('a 304 nobody asked for is an error', async (t) => {
  const { upstream, request } = await bench(t, [(_, socket) => socket.write(head(304))]);
  await t.rejects(upstream.fetchResource(request), { code: 'RLY_UPSTREAM_STATUS', fields: { found: 304 } });
});

t.test('a cut is gone on with where a strong validator binds both halves', async (t) => {
  const strong = { ETag: '"v1"' };
  const { origin, upstream, heads, sinks, request } = await bench(t, [cutAfter(40_000, strong), rest(40_000, strong)], {
    validators: { etag: '"v0"', lastModified: null },
  });
  t.match(await upstream.fetchResource(request), { state: 'fetched', fields: { etag: '"v1"' } });
  t.equal(heads.length, 1);
  t.ok(sinks[0]?.bytes.equals(content));
  const [, second] = origin.requests;
  t.equal(second?.headers.get('range'), 'bytes=40000-');
  t.equal(second?.headers.get('if-range'), '"v1"');
  t.notOk(second?.headers.has('if-none-match'), 'it is not the copy that is here');
});

t.test('else it is begun anew, in a sink of its own', async (t) => {
  for (const [name, second] of [
    ['no validator', respond(200, {}, content)],
    ['it changed meanwhile', respond(200, { ETag: '"v2"' }, content)],
  ] as const) {
    const first = cutAfter(40_000, name === 'no validator' ? {} : { ETag: '"v1"' });
    const { upstream, heads, sinks, request } = await bench(t, [first, second]);
    await upstream.fetchResource(request);
    t.equal(heads.length, 2, name);
    t.equal(sinks[0]?.size, 40_000);
    t.ok(sinks[1]?.bytes.equals(content), name);
  }
});

t.test('a part that does not fit is not joined: the whole is asked for', async (t) => {
  const { origin, upstream, sinks, request } = await bench(t, [
    cutAfter(40_000, { ETag: '"v1"' }),
    rest(40_000, { ETag: '"v2"' }),
    respond(200, { ETag: '"v2"' }, content),
  ]);
  await upstream.fetchResource(request);
  t.notOk(origin.requests[2]?.headers.has('range'));
  t.ok(sinks.at(-1)?.bytes.equals(content));
});

t.test('chunks tell their end, and are counted', async (t) => {
  const chunked: Scene = (_, socket) => {
    socket.write(head(200, { 'Transfer-Encoding': 'chunked' }));
    socket.write(`${content.length.toString(16)}\r\n`);
    socket.write(content);
    socket.write('\r\n0\r\n\r\n');
  };
  const whole = await bench(t, [chunked]);
  await whole.upstream.fetchResource(whole.request);
  t.strictSame(whole.heads, [{ length: null, fields: {} }]);
  t.ok(whole.sinks[0]?.bytes.equals(content));
  const small = await bench(t, [chunked], { limit: 99_999 });
  await t.rejects(small.upstream.fetchResource(small.request), {
    code: 'RLY_UPSTREAM_SIZE',
    fields: { found: 'more than 99999', expected: 'at most 99999' },
  });
});

t.test('more than may come is refused before there is room made for it', async (t) => {
  const { upstream, heads, request } = await bench(t, [
    (_, socket) => socket.write(head(200, { 'Content-Length': 2_000_000 })),
  ]);
  await t.rejects(upstream.fetchResource(request), {
    code: 'RLY_UPSTREAM_SIZE',
    fields: { found: 2_000_000, expected: 'at most 1000000' },
  });
  t.strictSame(heads, []);
});

t.test('a body whose end nothing tells is refused', async (t) => {
  const { upstream, request } = await bench(t, [(_, socket) => socket.write(head(200), () => socket.end(content))]);
  await t.rejects(upstream.fetchResource(request), { code: 'RLY_UPSTREAM_NO_LENGTH' });
});

t.test('an error of whoever opens the sink passes through, and the answer is let go', async (t) => {
  const full = new Error('no room');
  const { origin, upstream, request } = await bench(t, [respond(200, {}, content)], {
    open: () => Promise.reject(full),
  });
  await t.rejects(upstream.fetchResource(request), full);
  t.equal(origin.requests.length, 1);
});

t.test('one that asks to come back later is not waited for: another source may have it', async (t) => {
  const { origin, upstream, request } = await bench(t, [respond(503, { 'Retry-After': 1 })]);
  await t.rejects(upstream.fetchResource(request), { code: 'RLY_UPSTREAM_BUSY', fields: { retryAfter: 1 } });
  t.equal(origin.requests.length, 1);
  t.strictSame(upstream.retries, []);
});

t.test('a path that must not be shown stands in no error and no event', async (t) => {
  const secret = { path: 'Branch/ofcscan.ini', shownAs: '(domain settings)' };
  const elsewhere = { Location: 'http://elsewhere.example.com/Branch/ofcscan.ini' };
  for (const [scene, code] of [
    [respond(404), 'RLY_UPSTREAM_NOT_FOUND'],
    [respond(500), 'RLY_UPSTREAM_STATUS'],
    [respond(302, elsewhere), 'RLY_UPSTREAM_REDIRECT'],
    [cutAfter(10, {}), 'RLY_UPSTREAM_RESET'],
  ] as const) {
    const { origin, upstream, request } = await bench(t, [scene], secret);
    const error = await upstream.fetchResource(request).catch((reason: unknown) => reason);
    t.match(error, { code, fields: { url: `${origin.source.url}/(domain settings)` } });
    t.notMatch(JSON.stringify([error, String(error), upstream.retries]), /Branch|ofcscan/i, code);
  }
});

t.test(
  'of what an earlier download began, only the rest is asked for, where the source still has that content',
  async (t) => {
    const scenes = [respond(200, FIELDS, content), rest(60_000, { ETag: '"v1"' })];
    const sink = memorySink(content.subarray(0, 60_000));
    const { origin, upstream, request } = await bench(t, scenes, {
      async open(_, mayGoOn) {
        t.ok(mayGoOn);
        return sink;
      },
    });
    t.match(await upstream.fetchResource(request), { state: 'fetched', fields: { etag: '"v1"' } });
    t.ok(sink.bytes.equals(content));
    t.match(
      origin.requests[1]?.headers,
      new Map([
        ['range', 'bytes=60000-'],
        ['if-range', '"v1"'],
      ]),
    );
  },
);

t.test('a source that sends the whole all the same is not asked again: what there was is worth nothing', async (t) => {
  const [whole, changed] = [respond(200, FIELDS, content), respond(200, { ETag: '"v2"' }, content)];
  for (const scenes of [
    [whole, whole],
    [whole, changed],
    [whole, respond(416), whole],
  ]) {
    const asked: boolean[] = [];
    const sinks = [memorySink(content.subarray(0, 60_000)), memorySink()];
    const { upstream, request } = await bench(t, scenes, {
      async open(_, mayGoOn) {
        const sink = sinks[asked.push(mayGoOn) - 1];
        if (!sink) throw new Error('it is asked for ever');
        return sink;
      },
    });
    await upstream.fetchResource(request);
    t.strictSame(asked, [true, false]);
    t.ok(sinks[1]?.bytes.equals(content));
  }
});

t.test('nothing is gone on with that no strong validator binds', async (t) => {
  for (const headers of [{}, { ETag: 'W/"v1"' }]) {
    const { upstream, request, sinks } = await bench(t, [respond(200, headers, content)]);
    let asked: boolean | undefined;
    await upstream.fetchResource({
      ...request,
      open(told, mayGoOn) {
        asked = mayGoOn;
        return request.open(told, mayGoOn);
      },
    });
    t.equal(asked, false);
    t.ok(sinks[0]?.bytes.equals(content));
  }
});
