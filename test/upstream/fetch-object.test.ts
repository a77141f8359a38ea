import type { Socket } from 'node:net';
import t from 'tap';
import { memorySink } from '../support/memory-sink.ts';
import { eventually } from '../support/eventually.ts';
import { head, respond, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';
import { testUpstream } from '../support/test-upstream.ts';

const path = 'pattern/vsapi241.zip';
const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
const exact = { exact: content.length };

t.test('an object comes whole, and its progress is told', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, { ETag: '"v1"' }, content)]);
  const upstream = testUpstream(t);
  const sink = memorySink();
  const progress: number[] = [];
  const answer = await upstream.fetchObject({
    source: origin.source,
    path,
    size: exact,
    sink,
    onProgress: (size) => progress.push(size),
  });
  t.strictSame(answer, { etag: '"v1"', lastModified: null, received: content.length });
  t.ok(sink.bytes.equals(content));
  t.equal(progress.at(-1), content.length);
  t.strictSame(
    progress,
    progress.toSorted((a, b) => a - b),
  );
  t.equal(upstream.received.total(origin.source.url), content.length);
  t.equal(origin.requests[0]?.target, `/activeupdate/${path}`);
  t.notOk(origin.requests[0]?.headers.has('range'));
});

t.test('many objects share a few connections', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, {}, 'sig')]);
  const upstream = testUpstream(t);
  const fetches = Array.from({ length: 40 }, (_, i) =>
    upstream.fetchObject({ source: origin.source, path: `${i}.sig`, size: { limit: 10 }, sink: memorySink() }),
  );
  await Promise.all(fetches);
  t.equal(origin.requests.length, 40);
  t.equal(origin.connections, 16);
});

t.test('a relay that cannot give one object yet is not busy with all it has', async (t) => {
  const later = { 'Retry-After': 60 };
  const origin = await scriptedOrigin(t, [
    respond(503, { ...later, 'Cache-Status': 'relay; detail=RLY_OBJECT_NOT_YET' }),
    respond(503, { ...later, 'Cache-Status': 'proxy.example.com; fwd=miss, relay; detail=RLY_OBJECT_MOVED_ON' }),
    respond(503, { ...later, 'Cache-Status': 'relay; detail=RLY_NOT_READY' }),
    respond(503, { ...later, 'Cache-Status': 'other-relay; hit' }),
  ]);
  const upstream = testUpstream(t);
  const ask = () =>
    upstream.fetchObject({ source: origin.source, path, size: { exact: content.length }, sink: memorySink() });
  for (let i = 0; i < 2; i += 1) await t.rejects(ask(), { code: 'RLY_UPSTREAM_NOT_YET', fields: { found: 503 } });
  for (let i = 0; i < 2; i += 1) await t.rejects(ask(), { code: 'RLY_UPSTREAM_BUSY', fields: { retryAfter: 60 } });
  t.equal(origin.requests.length, 4);
});

t.test('a length that is not the listed one is refused before a byte is read', async (t) => {
  const origin = await scriptedOrigin(t, [
    (_, socket) => socket.write(head(200, { 'Content-Length': content.length + 1 })),
    (_, socket) => socket.write(head(200, { 'Content-Length': 11 })),
    (_, socket) => socket.write(head(200, { 'Content-Length': 0 })),
  ]);
  const upstream = testUpstream(t);
  const sink = memorySink();
  const refused = (found: number, expected: number | string) => ({
    code: 'RLY_UPSTREAM_SIZE',
    fields: { url: `${origin.source.url}/${path}`, found, expected },
  });
  const fetch = (size: { exact: number } | { limit: number }) =>
    upstream.fetchObject({ source: origin.source, path, size, sink });
  await t.rejects(fetch(exact), refused(content.length + 1, content.length));
  await t.rejects(fetch({ limit: 10 }), refused(11, 'at most 10'));
  await t.rejects(fetch({ exact: 1 }), refused(0, 1));
  t.equal(sink.size, 0);
  t.equal(upstream.retries.length, 0);
});

t.test('a body in chunks must have the listed size', async (t) => {
  const chunked =
    (body: Buffer): Scene =>
    (_, socket) => {
      socket.write(head(200, { 'Transfer-Encoding': 'chunked' }));
      socket.write(`${body.length.toString(16)}\r\n`);
      socket.write(body);
      socket.write('\r\n0\r\n\r\n');
    };
  const origin = await scriptedOrigin(t, [
    chunked(content),
    chunked(content.subarray(1)),
    chunked(Buffer.concat([content, content])),
  ]);
  const upstream = testUpstream(t);
  const fetch = (sink = memorySink()) => upstream.fetchObject({ source: origin.source, path, size: exact, sink });
  const whole = memorySink();
  await fetch(whole);
  t.ok(whole.bytes.equals(content));
  await t.rejects(fetch(), { code: 'RLY_UPSTREAM_SIZE', fields: { found: content.length - 1 } });
  await t.rejects(fetch(), { code: 'RLY_UPSTREAM_SIZE', fields: { found: `more than ${content.length}` } });
  t.equal(upstream.retries.length, 0, 'the source says that this is all');
});

t.test('a body that ends with its connection is whole only with the listed size', async (t) => {
  const until =
    (end: (socket: Socket) => unknown, size: number): Scene =>
    async (_, socket) => {
      socket.write(head(200));
      socket.write(content.subarray(0, size));
      await sink.reached(Math.min(size, content.length));
      end(socket);
    };
  let sink = memorySink();
  const origin = await scriptedOrigin(t, [
    until((socket) => socket.end(), 40_000),
    // undici takes this reset for the end of a body without length.
    until((socket) => socket.resetAndDestroy(), 60_000),
    until((socket) => socket.end(), content.length),
  ]);
  const upstream = testUpstream(t);
  await upstream.fetchObject({ source: origin.source, path, size: exact, sink });
  t.ok(sink.bytes.equals(content));
  t.match(upstream.retries[0]?.error, /it ended after 40000 of 100000 bytes/);
  t.match(upstream.retries[1]?.error, /it ended after 60000 of 100000 bytes/);

  sink = memorySink();
  await t.rejects(upstream.fetchObject({ source: origin.source, path, size: { limit: 200_000 }, sink }), {
    code: 'RLY_UPSTREAM_NO_LENGTH',
  });
});

t.test('an endless body is cut where it passes the listed size', async (t) => {
  const origin = await scriptedOrigin(t, [
    (_, socket) => {
      socket.write(head(200));
      const more = () => {
        while (!socket.destroyed && socket.write(content));
        socket.once('drain', more);
      };
      more();
    },
  ]);
  const upstream = testUpstream(t);
  const sink = memorySink();
  await t.rejects(upstream.fetchObject({ source: origin.source, path, size: exact, sink }), {
    code: 'RLY_UPSTREAM_SIZE',
  });
  t.ok(sink.size <= content.length);
});

t.test('a missing signature has a code of its own', async (t) => {
  const origin = await scriptedOrigin(t, [respond(404)]);
  const upstream = testUpstream(t);
  const sink = memorySink();
  const missing = upstream.fetchObject({ source: origin.source, path: 'a.sig', size: { limit: 10 }, sink });
  await t.rejects(missing, {
    code: 'RLY_UPSTREAM_NOT_FOUND',
    fields: { url: `${origin.source.url}/a.sig`, found: 404 },
  });
});

t.test('304 and 206 nobody asked for are errors', async (t) => {
  const range = `bytes 0-${content.length - 1}/${content.length}`;
  const origin = await scriptedOrigin(t, [
    respond(304),
    respond(206, { 'Content-Range': range }, content),
    respond(206),
  ]);
  const upstream = testUpstream(t);
  const fetch = () => upstream.fetchObject({ source: origin.source, path, size: exact, sink: memorySink() });
  await t.rejects(fetch(), { code: 'RLY_UPSTREAM_STATUS', fields: { found: 304, expected: '200' } });
  await t.rejects(fetch(), { code: 'RLY_UPSTREAM_RANGE', fields: { found: `206 with Content-Range ${range}` } });
  await t.rejects(fetch(), { code: 'RLY_UPSTREAM_RANGE', fields: { found: '206 with Content-Range missing' } });
});

t.test('an error of the sink passes through, and the connection is let go', async (t) => {
  const origin = await scriptedOrigin(t, [
    (_, socket) => {
      socket.write(head(200, { 'Content-Length': content.length }));
      socket.write(content.subarray(1));
    },
  ]);
  const upstream = testUpstream(t);
  const full = new Error('disk full');
  const sink = { size: 0, write: () => Promise.reject(full), restart: () => Promise.resolve() };
  const error: unknown = await upstream
    .fetchObject({ source: origin.source, path, size: exact, sink })
    .catch((failure: unknown) => failure);
  t.equal(error, full);
  t.equal(upstream.retries.length, 0);
  while (origin.open > 0) await new Promise(setImmediate);
});

t.test('a sink that is slow holds the source back, and is not its fault', async (t) => {
  const big = Buffer.alloc(8 * 1024 * 1024);
  let written = 0;
  const origin = await scriptedOrigin(t, [
    (_, socket) => {
      socket.write(head(200, { 'Content-Length': big.length }));
      const more = (from: number) => {
        written = from;
        if (from < big.length) socket.write(big.subarray(from, from + 65_536), () => more(from + 65_536));
      };
      more(0);
    },
  ]);
  let [passed, looks] = [0, 0];
  const monotonic = (): number => {
    looks += 1;
    return passed;
  };
  const upstream = testUpstream(t, { rateWindow: 500, minimumBytesPerSecond: 2 ** 24 }, { monotonic });
  let size = 0;
  let lead = 0;
  const sink = {
    get size() {
      return size;
    },
    async write(chunk: Uint8Array) {
      if (size === 0) {
        // The slow disk this is about: three times the window in which the rate is judged, and it is judged meanwhile.
        passed += 1500;
        const before = looks;
        await eventually('the pace is looked at, and the source ahead', () => looks > before + 4 && written > 0);
      }
      lead = Math.max(lead, written - size);
      size += chunk.length;
    },
    restart: () => Promise.resolve(),
  };
  await upstream.fetchObject({ source: origin.source, path, size: { exact: big.length }, sink });
  t.equal(size, big.length);
  t.equal(upstream.retries.length, 0);
  t.ok(lead > 0 && lead < big.length, `${lead} bytes were under way at most`);
});

t.test('an abort stops a download at once, with its reason', async (t) => {
  const origin = await scriptedOrigin(t, [
    (_, socket) => {
      socket.write(head(200, { 'Content-Length': content.length }));
      socket.write(content.subarray(1));
    },
  ]);
  const upstream = testUpstream(t);
  const sink = memorySink();
  const stop = new AbortController();
  const reason = new Error('the relay stops');
  const run = upstream.fetchObject({ source: origin.source, path, size: exact, sink, signal: stop.signal });
  await Promise.all([t.rejects(run, reason), sink.reached(1).then(() => stop.abort(reason))]);
  t.equal(upstream.retries.length, 0);
  await t.rejects(
    upstream.fetchObject({ source: origin.source, path, size: exact, sink: memorySink(), signal: stop.signal }),
    reason,
  );
  t.equal(origin.requests.length, 1, 'what is aborted before it begins asks nobody');
});

t.test('closing cuts what is under way', async (t) => {
  const origin = await scriptedOrigin(t, [() => {}]);
  const upstream = testUpstream(t);
  const run = upstream.fetchIndex(origin.source, null);
  while (origin.requests.length === 0) await new Promise(setImmediate);
  await Promise.all([t.rejects(run, { name: 'AbortError' }), upstream.close()]);
  while (origin.open > 0) await new Promise(setImmediate);
});
