import type { Socket } from 'node:net';
import t from 'tap';
import type { Take } from '../../src/ports/on-demand.ts';
import type { Pulled } from '../../src/ports/pull-through.ts';
import { bytesOf } from '../storage/sample.ts';
import { eventually } from '../support/eventually.ts';
import { pullBench, takeWhole } from '../support/pull-bench.ts';
import { head, respond, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';

const PATH = '/officescan/hotfix_pccnt/Common/Setup.exe';
const KIB = 1024;
const HELD_BACK = 64 * KIB;
const content = bytesOf('a large hot fix', 400 * KIB);

/** An origin that sends the head and as much as it is told, when it is told. */
function byHand(headers: Readonly<Record<string, string | number>> = {}) {
  const asked = Promise.withResolvers<Socket>();
  const scene: Scene = (_, socket) => {
    socket.write(head(200, { 'Content-Length': content.length, ...headers }));
    asked.resolve(socket);
  };
  return {
    scene,
    async send(from: number, to: number) {
      (await asked.promise).write(content.subarray(from, to));
    },
    async cut() {
      (await asked.promise).resetAndDestroy();
    },
  };
}

function takeOf({ content: given }: Pulled): Take {
  if ('tag' in given) return given;
  throw new Error('it is not coming, it is here');
}

t.test('fifty agents, one question: they follow what comes, and its end when all of it is proven', async (t) => {
  const server = byHand({ ETag: '"v1"' });
  const origin = await scriptedOrigin(t, [server.scene]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const asking = Array.from({ length: 50 }, () => bench.get(PATH));
  await server.send(0, 100 * KIB);
  const pulled = await Promise.all(asking);
  t.match(
    pulled.map(({ handling }) => handling.collapsed),
    [false, ...Array.from({ length: 49 }, () => true)],
  );
  const [first] = pulled.map(takeOf);
  t.ok(pulled.every((each) => each.content === first));
  t.equal(first?.size, content.length);
  const reading = pulled.map((each) => bench.bytesOf(each));
  await server.send(100 * KIB, content.length - 1);
  await eventually('all but the end has come', () => first?.available(0) === content.length - HELD_BACK);
  await server.send(content.length - 1, content.length);
  for (const bytes of await Promise.all(reading)) t.ok(bytes.equals(content));
  t.equal(origin.requests.length, 1);
  t.equal(bench.upstream.received.total(), content.length);
  t.match((await bench.get(PATH)).handling, { fwd: null });
});

t.test('who asks between the note and the blob has the same bytes, and asks nobody', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, {}, content)]);
  const between = Promise.withResolvers<Pulled>();
  const bench = await pullBench(t, {
    sources: [origin.source.url],
    onNoted: async () => between.resolve(await bench.get(PATH)),
  });
  const first = await bench.get(PATH);
  const second = await between.promise;
  t.equal(second.content, first.content);
  t.match(second.handling, { fwd: 'uri-miss', collapsed: true });
  t.ok((await bench.bytesOf(second)).equals(content));
  t.equal(origin.requests.length, 1);
});

t.test('who comes late follows from the beginning; who leaves stops nothing', async (t) => {
  const server = byHand();
  const origin = await scriptedOrigin(t, [server.scene]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  void bench.get(PATH);
  await server.send(0, 200 * KIB);
  const late = bench.bytesOf(await bench.get(PATH));
  await server.send(200 * KIB, content.length);
  t.ok((await late).equals(content));
  t.equal(origin.requests.length, 1);
});

t.test('a copy is as old as the answer that began it, however long it took to come', async (t) => {
  const server = byHand({ ETag: '"v1"', 'Cache-Control': 'max-age=3600' });
  const unchanged: Scene = (_, socket) => socket.write(head(304, { ETag: '"v1"' }));
  const origin = await scriptedOrigin(t, [server.scene, unchanged]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const asking = bench.get(PATH);
  await server.send(0, 200 * KIB);
  const pulled = await asking;
  bench.clock.advance(2 * 60 * 60_000);
  const reading = bench.bytesOf(pulled);
  await server.send(200 * KIB, content.length);
  t.ok((await reading).equals(content));
  await eventually('it is asked about', async () => (await bench.get(PATH)).handling.fwdStatus === 304);
});

t.test('one who was promised the bytes reads them, though all others are through by then', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, {}, content)]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const [one, two] = await Promise.all([bench.get(PATH), bench.get(PATH)]);
  await bench.bytesOf(one);
  await bench.events.nth('object.fetched', 1);
  t.ok((await bench.bytesOf(two)).equals(content));
});

t.test('a source that is cut half way: whoever has bytes is cut, and nothing is stored', async (t) => {
  for (const [name, headers] of [
    ['with a length', {}],
    ['with a validator', { ETag: '"v1"' }],
  ] as const) {
    const server = byHand(headers);
    const origin = await scriptedOrigin(t, [server.scene, respond(500)]);
    const bench = await pullBench(t, { sources: [origin.source.url] });
    const asking = [bench.get(PATH), bench.get(PATH)];
    await server.send(0, 200 * KIB);
    const takes = (await Promise.all(asking)).map(takeOf);
    const reading = Promise.allSettled(takes.map(takeWhole));
    await server.cut();
    for (const result of await reading) t.match(result, { reason: { code: 'RLY_UPSTREAM_RESET' } }, name);
    t.strictSame(bench.store.responses.list(), []);
    await eventually('the books are even', () => bench.store.usage().reserved === 0);
    t.match(bench.store.usage(), { bytes: 0 });
    t.ok(bench.target(PATH).hasChanged(), 'half of it may lie somewhere');
    await t.rejects(bench.get(PATH), { code: 'RLY_PULL_FAILED' });
  }
});

t.test('one that gives neither length nor chunks is not believed at all', async (t) => {
  const origin = await scriptedOrigin(t, [(_, socket) => socket.write(head(200), () => socket.end(content))]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  await t.rejects(bench.get(PATH), { code: 'RLY_PULL_FAILED', fields: { reason: /neither Content-Length/ } });
  t.match(bench.store.usage(), { bytes: 0, reserved: 0 });
});

t.test('a cut that is gone on with is seen by nobody', async (t) => {
  const server = byHand({ ETag: '"v1"' });
  const rest: Scene = (request, socket) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get('range') ?? '')?.[1]);
    const range = `bytes ${from}-${content.length - 1}/${content.length}`;
    respond(206, { ETag: '"v1"', 'Content-Range': range }, content.subarray(from))(request, socket);
  };
  const origin = await scriptedOrigin(t, [server.scene, rest]);
  const bench = await pullBench(t, { sources: [origin.source.url], limits: { tries: 2 } });
  const asking = bench.get(PATH);
  await server.send(0, 200 * KIB);
  const reading = bench.bytesOf(await asking);
  await server.cut();
  t.ok((await reading).equals(content));
  t.equal(bench.upstream.received.total(), content.length);
});

t.test('where nothing binds both halves, it begins anew, and who has the first is cut', async (t) => {
  const server = byHand();
  const origin = await scriptedOrigin(t, [server.scene, respond(200, {}, content)]);
  const bench = await pullBench(t, { sources: [origin.source.url], limits: { tries: 2 } });
  const asking = bench.get(PATH);
  await server.send(0, 200 * KIB);
  const reading = takeWhole(takeOf(await asking));
  await server.cut();
  await t.rejects(reading, { code: 'RLY_OBJECT_DISCARDED' });
  t.ok((await bench.bytesOf(await bench.get(PATH))).equals(content));
});

t.test('while nobody has a byte, another source takes over and nobody sees it', async (t) => {
  const torn: Scene = (_, socket) => {
    socket.write(head(200, { 'Content-Length': content.length }));
    socket.end();
  };
  const first = await scriptedOrigin(t, [torn]);
  const second = await scriptedOrigin(t, [respond(200, {}, content)]);
  const bench = await pullBench(t, { sources: [first.source.url, second.source.url] });
  t.ok((await bench.bytesOf(await bench.get(PATH))).equals(content));
  t.notOk(bench.target(PATH).hasChanged());
});

t.test('a web page of the right length is found out before its end leaves', async (t) => {
  const page = Buffer.concat([Buffer.from('<html>'), content]);
  const origin = await scriptedOrigin(t, [respond(200, {}, page)]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const pulled = await bench.get(PATH).catch((error: unknown) => error);
  // By chance the first byte may have left by then; the last has not.
  if (pulled instanceof Error) t.match(pulled, { code: 'RLY_PULL_FAILED' });
  else await t.rejects(bench.bytesOf(pulled as Pulled), { code: 'RLY_ARCHIVE_DAMAGED' });
  t.strictSame(bench.store.responses.list(), []);
});

t.test('nobody waits for ever: without a copy twenty seconds, then the download goes on alone', async (t) => {
  const server = byHand();
  const origin = await scriptedOrigin(t, [server.scene]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const asking = bench.get(PATH);
  t.equal(await bench.clock.nthSleep(1), 20_000);
  await server.send(0, 0);
  bench.clock.advance(20_001);
  await t.rejects(asking, { code: 'RLY_OBJECT_NOT_YET', fields: { reason: 'nothing of it came in 20 s' } });
  await server.send(0, content.length);
  await eventually('it is here', async () => (await bench.get(PATH)).handling.fwd === null);
  t.equal(origin.requests.length, 1);
});

t.test('with a copy five, counted from the question, and the copy is given', async (t) => {
  const silent: Scene = () => {};
  const origin = await scriptedOrigin(t, [respond(200, { ETag: '"v1"' }, 'hot fix'), silent]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  await bench.bytesOf(await bench.get(PATH));
  bench.clock.advance(6 * 60_000);
  const first = bench.get(PATH);
  await eventually('it is asked', () => origin.requests.length === 2);
  bench.clock.advance(3_000);
  const second = bench.get(PATH);
  bench.clock.advance(2_001);
  t.match((await first).handling, { fwd: null, detail: 'RLY_OBJECT_NOT_YET' });
  t.match((await second).handling, { fwd: null, detail: 'RLY_OBJECT_NOT_YET' });
  const third = bench.get(PATH);
  bench.clock.advance(1);
  t.match((await third).handling, { detail: 'RLY_OBJECT_NOT_YET' }, 'those who come later do not wait at all');
  t.equal(origin.requests.length, 2);
});

t.test('names tried by the hundred do not become requests by the hundred', async (t) => {
  const origin = await scriptedOrigin(t, [() => {}]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const names = Array.from({ length: 128 }, (_, n) => `/officescan/hotfix_pccnt/${n}`);
  const asking = Promise.allSettled(names.map(bench.get));
  await t.rejects(bench.get(PATH), { code: 'RLY_PULL_BUSY', fields: { limit: 128 } });
  await bench.pull.close();
  for (const result of await asking) t.equal(result.status, 'rejected');
});

t.test('the end of the relay cuts what is under way, and leaves nothing of it', async (t) => {
  const server = byHand();
  const origin = await scriptedOrigin(t, [server.scene]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const asking = bench.get(PATH);
  await server.send(0, 200 * KIB);
  const reading = takeWhole(takeOf(await asking));
  const cut = t.rejects(reading, { code: 'RLY_INTERNAL', message: /the relay is stopping/ });
  await bench.pull.close();
  await cut;
  t.match(bench.store.usage(), { bytes: 0, reserved: 0 });
});

t.test(
  'domain settings are asked for each time, once for all who ask together; an hour without it, then no more',
  async (t) => {
    const path = '/activeupdate/Branch/ofcscan.ini';
    const settings: Scene = (request, socket) => {
      if (request.headers.has('if-none-match')) socket.write(head(304, { ETag: '"v1"' }));
      else
        respond(
          200,
          { ETag: '"v1"', 'Cache-Control': 'private, max-age=600' },
          '[Domain]\nPwd=secret\n',
        )(request, socket);
    };
    const down = respond(503);
    const origin = await scriptedOrigin(t, [settings, settings, down, settings, down]);
    const bench = await pullBench(t, { sources: [origin.source.url], domains: ['Branch'] });
    const ask = () => Promise.all([bench.get(path), bench.get(path), bench.get(path)]);
    t.equal((await bench.bytesOf((await ask())[0])).toString(), '[Domain]\nPwd=secret\n');
    t.match(await ask(), [{ cacheControl: 'private, no-store', handling: { fwd: 'stale', fwdStatus: 304 } }, {}, {}]);
    t.equal(origin.requests.length, 2);
    t.match(await ask(), [{ handling: { fwd: null, detail: 'RLY_PULL_FAILED' } }, {}, {}]);
    bench.clock.advance(59 * 60_000);
    t.match(await ask(), [{ handling: { fwdStatus: 304 } }, {}, {}]);
    bench.clock.advance(60 * 60_000);
    await t.rejects(ask(), { code: 'RLY_PULL_FAILED', fields: { path: '(domain settings)' } });
    t.match(bench.upstream.received.rows(), [{ kind: 'domainSettings' }]);
    t.equal(bench.events.of('object.fetched').length, 1);
    const told = ['object.fetched', 'object.failed', 'upstream.retry'] as const;
    t.notMatch(JSON.stringify(told.map(bench.events.of)), /Branch|ofcscan|secret/i);
  },
);
