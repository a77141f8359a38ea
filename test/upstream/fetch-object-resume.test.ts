import t from 'tap';
import { type MemorySink, memorySink } from '../support/memory-sink.ts';
import { head, respond, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';
import { testUpstream } from '../support/test-upstream.ts';

const path = 'pattern/vsapi241.zip';
const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
const exact = { exact: content.length };
const etag = { ETag: '"v1"' };
const modified = { 'Last-Modified': 'Mon, 01 Jul 2024 12:00:00 GMT', Date: 'Tue, 02 Jul 2024 12:00:00 GMT' };

/** Sends `bytes` of an answer that promises `promised`, and cuts the line when the sink has got so far. */
function cutAfter(sink: MemorySink, bytes: number, headers: Readonly<Record<string, string>>, reset = false): Scene {
  return async (_, socket) => {
    socket.write(head(200, { 'Content-Length': content.length, ...headers }));
    socket.write(content.subarray(0, bytes));
    await sink.reached(bytes);
    if (reset) socket.resetAndDestroy();
    else socket.end();
  };
}

/** 206 with what the request's range asks for. */
function rest(headers: Readonly<Record<string, string>>): Scene {
  return (request, socket) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get('range') ?? '')?.[1]);
    const part = content.subarray(from);
    const contentRange = `bytes ${from}-${content.length - 1}/${content.length}`;
    socket.write(head(206, { 'Content-Length': part.length, 'Content-Range': contentRange, ...headers }));
    socket.write(part);
  };
}

t.test('after a cut only the missing bytes come', async (t) => {
  const sink = memorySink();
  const origin = await scriptedOrigin(t, [
    cutAfter(sink, 40_000, etag),
    (_, socket) => {
      socket.write(head(206, { 'Content-Length': 60_000, 'Content-Range': 'bytes 40000-99999/100000', ...etag }));
      socket.write(content.subarray(40_000, 70_000));
      void sink.reached(70_000).then(() => socket.resetAndDestroy());
    },
    rest(etag),
  ]);
  const upstream = testUpstream(t);
  const answer = await upstream.fetchObject({ source: origin.source, path, size: exact, sink });
  t.strictSame(answer, { etag: '"v1"', lastModified: null, received: content.length });
  t.ok(sink.bytes.equals(content));
  t.equal(sink.restarts, 0);
  t.equal(upstream.received.total(origin.source.url), content.length, 'no byte came twice');
  const [first, second, third] = origin.requests.map(({ headers }) => headers);
  t.equal(first?.get('range'), undefined);
  t.equal(second?.get('range'), 'bytes=40000-');
  t.equal(second?.get('if-range'), '"v1"');
  t.equal(third?.get('range'), 'bytes=70000-');
});

t.test('a Last-Modified that is old enough binds as well', async (t) => {
  const sink = memorySink();
  const origin = await scriptedOrigin(t, [cutAfter(sink, 40_000, modified), rest({})]);
  const answer = await testUpstream(t).fetchObject({ source: origin.source, path, size: exact, sink });
  t.strictSame(answer, { etag: null, lastModified: modified['Last-Modified'], received: content.length });
  t.equal(origin.requests[1]?.headers.get('if-range'), modified['Last-Modified']);
  t.ok(sink.bytes.equals(content));
});

t.test('what has no listed size is continued too', async (t) => {
  const sink = memorySink();
  const origin = await scriptedOrigin(t, [cutAfter(sink, 40_000, etag), rest(etag)]);
  await testUpstream(t).fetchObject({ source: origin.source, path, size: { limit: 200_000 }, sink });
  t.ok(sink.bytes.equals(content));
  t.equal(sink.restarts, 0);
});

t.test('without a strong validator a cut means from the beginning', async (t) => {
  for (const headers of [{}, { ETag: 'W/"v1"' }, { ...modified, Date: modified['Last-Modified'] }]) {
    const sink = memorySink();
    const progress: number[] = [];
    const origin = await scriptedOrigin(t, [cutAfter(sink, 40_000, headers), respond(200, headers, content)]);
    const answer = await testUpstream(t).fetchObject({
      source: origin.source,
      path,
      size: exact,
      sink,
      onProgress: (size) => progress.push(size),
    });
    t.notOk(origin.requests[1]?.headers.has('range'));
    t.equal(sink.restarts, 1);
    t.ok(sink.bytes.equals(content));
    t.equal(answer.received, content.length + 40_000);
    t.ok(progress.includes(0), 'the way back is told');
  }
});

t.test('a source that ignores ranges, or has another version by now, sends the whole', async (t) => {
  for (const headers of [etag, { ETag: '"v2"' }]) {
    const sink = memorySink();
    const origin = await scriptedOrigin(t, [cutAfter(sink, 40_000, etag), respond(200, headers, content)]);
    const answer = await testUpstream(t).fetchObject({ source: origin.source, path, size: exact, sink });
    t.equal(answer.etag, headers.ETag);
    t.equal(origin.requests[1]?.headers.get('range'), 'bytes=40000-');
    t.equal(sink.restarts, 1);
    t.ok(sink.bytes.equals(content));
  }
});

t.test('a part that does not fit is thrown away, and the whole is asked for', async (t) => {
  const part = content.subarray(40_000);
  const misfits: Scene[] = [
    respond(206, { ...etag, 'Content-Range': 'bytes 39999-99998/100000' }, part),
    respond(206, { ...etag, 'Content-Range': 'bytes 40000-99999/200000' }, part),
    respond(206, { ETag: '"v2"', 'Content-Range': 'bytes 40000-99999/100000' }, part),
    respond(206, { ...etag, 'Content-Type': 'multipart/byteranges; boundary=x' }, part),
    respond(416, { 'Content-Range': 'bytes */100000' }),
  ];
  for (const misfit of misfits) {
    const sink = memorySink();
    const origin = await scriptedOrigin(t, [cutAfter(sink, 40_000, etag, true), misfit, respond(200, etag, content)]);
    const upstream = testUpstream(t);
    await upstream.fetchObject({ source: origin.source, path, size: exact, sink });
    t.ok(sink.bytes.equals(content));
    t.notOk(origin.requests[2]?.headers.has('range'));
    t.equal(upstream.retries.length, 1, 'the misfit costs no try');
  }
});

t.test('a part whose length does not lead to the listed size is refused', async (t) => {
  const sink = memorySink();
  const contentRange = `bytes 40000-99999/100000`;
  const origin = await scriptedOrigin(t, [
    cutAfter(sink, 40_000, etag),
    (_, socket) => socket.write(head(206, { ...etag, 'Content-Range': contentRange, 'Content-Length': 50_000 })),
  ]);
  await t.rejects(testUpstream(t).fetchObject({ source: origin.source, path, size: exact, sink }), {
    code: 'RLY_UPSTREAM_SIZE',
    fields: { found: 90_000, expected: 100_000 },
  });
});

t.test('a sink that holds something already is continued when its validators are given', async (t) => {
  const origin = await scriptedOrigin(t, [rest(etag)]);
  const upstream = testUpstream(t);
  const sink = memorySink(content.subarray(0, 99_000));
  const validators = { etag: '"v1"', lastModified: null };
  const answer = await upstream.fetchObject({ source: origin.source, path, size: exact, sink, validators });
  t.strictSame(answer, { ...validators, received: 1000 });
  t.ok(sink.bytes.equals(content));
  t.strictSame(await upstream.fetchObject({ source: origin.source, path, size: exact, sink, validators }), {
    ...validators,
    received: 0,
  });
  t.equal(origin.requests.length, 1, 'what is whole needs no request');
});

t.test('a sink whose content nobody vouches for is emptied first', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, {}, content)]);
  const sink = memorySink(Buffer.from('of another day'));
  await testUpstream(t).fetchObject({ source: origin.source, path, size: exact, sink });
  t.ok(sink.bytes.equals(content));
  t.equal(sink.restarts, 1);
});

t.test('an object is given up after three tries, whatever they brought', async (t) => {
  const sink = memorySink();
  const origin = await scriptedOrigin(t, [
    cutAfter(sink, 40_000, etag),
    (_, socket) => socket.end(),
    respond(503, { 'Retry-After': '1' }),
    respond(200, {}, content),
  ]);
  await t.rejects(testUpstream(t).fetchObject({ source: origin.source, path, size: exact, sink }), {
    code: 'RLY_UPSTREAM_BUSY',
    fields: { retryAfter: 1 },
  });
  t.equal(origin.requests.length, 3);
});
