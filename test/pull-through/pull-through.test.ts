import t from 'tap';
import { createAllowList } from '../../src/pull-through/allow-list.ts';
import { createPullThrough } from '../../src/pull-through/pull-through.ts';
import { createSourceHealth } from '../../src/upstream/source-health.ts';
import { bytesOf, draftIn, sha256Of } from '../storage/sample.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { makeZip } from '../support/make-zip.ts';
import { pullBench } from '../support/pull-bench.ts';
import { head, respond, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PATH = '/officescan/hotfix_pccnt/Common/Setup.exe';
const SAME = '/activeupdate/OfficeScan/HOTFIX_PCCNT/common/setup.EXE';

/** A file on a web server, which knows conditional requests. */
function file(content: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Scene {
  const etag = `"${sha256Of(Buffer.from(content)).slice(0, 8)}"`;
  return (request, socket) => {
    if (request.headers.get('if-none-match') === etag) socket.write(head(304, { ETag: etag, ...headers }));
    else respond(200, { ETag: etag, ...headers }, content)(request, socket);
  };
}

t.test('what is fresh is given without a question, then one conditional request renews it', async (t) => {
  const origin = await scriptedOrigin(t, [file('hot fix', { 'Cache-Control': 'max-age=600' })]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const first = await bench.get(PATH);
  t.match(first.handling, { fwd: 'uri-miss', fwdStatus: 200, collapsed: false, stored: true, detail: null });
  t.ok(first.handling.ttl > 590 && first.handling.ttl <= 600);
  t.equal((await bench.bytesOf(first)).toString(), 'hot fix');
  t.equal(origin.requests[0]?.target, '/activeupdate/hotfix_pccnt/Common/Setup.exe');

  bench.clock.advance(9 * MINUTE);
  const hit = await bench.get(SAME);
  t.match(hit, { content: { sha256: sha256Of(Buffer.from('hot fix')), size: 7 } });
  t.match(hit.handling, { fwd: null, fwdStatus: null, detail: null });
  t.equal(hit.cacheControl, `max-age=${hit.handling.ttl}`);
  t.ok(hit.handling.ttl <= 60 && hit.handling.ttl > 50);
  t.equal(origin.requests.length, 1, 'both trees are one');

  bench.clock.advance(2 * MINUTE);
  const renewed = await bench.get(SAME);
  t.match(renewed.handling, { fwd: 'stale', fwdStatus: 304, stored: true, detail: null });
  t.equal(origin.requests.length, 2);
  bench.clock.advance(9 * MINUTE);
  t.match((await bench.get(PATH)).handling, { fwd: null });
  t.equal(origin.requests.length, 2);
  t.match(bench.upstream.received.rows(), [{ kind: 'programs', bytes: 7 }]);
});

t.test('what changed at its source comes anew, and a range that nothing binds is not to be trusted', async (t) => {
  const origin = await scriptedOrigin(t, [file('before'), file('after it')]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  t.equal((await bench.bytesOf(await bench.get(PATH))).toString(), 'before');
  t.notOk(bench.target(PATH).hasChanged());
  bench.clock.advance(DAY);
  const after = await bench.get(PATH);
  t.match(after.handling, { fwd: 'stale', fwdStatus: 200 });
  t.equal((await bench.bytesOf(after)).toString(), 'after it');
  t.ok(bench.target(PATH).hasChanged());
  t.notOk(bench.target('/officescan/hotfix_pccnt/other.exe').hasChanged());
  t.equal(bench.store.responses.list().length, 1);
  bench.clock.advance(DAY + 1);
  t.notOk(bench.target(PATH).hasChanged());
});

t.test('what came by a tag is known by its hash afterwards', async (t) => {
  const origin = await scriptedOrigin(t, [file('hot fix')]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const { content } = await bench.get(PATH);
  const tag = 'tag' in content ? content.tag : '';
  t.match(tag, /^[0-9a-f]{32}$/);
  await bench.bytesOf({ ...(await bench.get(PATH)), content });
  t.equal(bench.target(PATH).contentOf(tag), sha256Of(Buffer.from('hot fix')));
  t.equal(bench.target(PATH).contentOf('another'), undefined);
});

t.test(
  'where no source can be asked, the copy is given for a week more, and the sources have ten seconds of rest',
  async (t) => {
    for (const [name, failing] of [
      ['a cut', (_: unknown, socket: Parameters<Scene>[1]) => socket.destroy()],
      ['500', respond(500)],
      ['429', respond(429, { 'Retry-After': 1 })],
      ['a portal', respond(200, {}, '<!doctype html><html><body>Sign in</body></html>')],
    ] as const) {
      const origin = await scriptedOrigin(t, [file('hot fix'), failing, failing, file('hot fix')]);
      const bench = await pullBench(t, { sources: [origin.source.url] });
      await bench.bytesOf(await bench.get(PATH));
      bench.clock.advance(6 * MINUTE);
      const stale = await bench.get(PATH);
      t.match(stale, { content: { size: 7 }, handling: { fwd: null, detail: 'RLY_PULL_FAILED' } }, name);
      t.ok(stale.handling.ttl < 0);
      await bench.get(PATH);
      t.equal(origin.requests.length, 2, `${name}: it is not asked again at once`);
      bench.clock.advance(11_000);
      t.match((await bench.get(PATH)).handling, { fwd: null, detail: 'RLY_PULL_FAILED' });
      bench.clock.advance(11_000);
      t.match((await bench.get(PATH)).handling, { fwd: 'stale', fwdStatus: 304, detail: null }, name);
      t.equal(origin.requests.length, 4);
      t.match(bench.events.of('object.failed')[0], {
        path: 'hotfix_pccnt/Common/Setup.exe',
        source: origin.source.url,
      });
    }
  },
);

t.test(
  'a source that says for how long it wants to be left alone is left alone, for five minutes at most',
  async (t) => {
    for (const [asked, held] of [
      [120, 120],
      [3600, 300],
      [1, 10],
    ] as const) {
      const origin = await scriptedOrigin(t, [respond(429, { 'Retry-After': asked })]);
      const bench = await pullBench(t, { sources: [origin.source.url] });
      await t.rejects(bench.get(PATH), { code: 'RLY_PULL_FAILED' });
      bench.clock.advance((held - 1) * 1000);
      await t.rejects(bench.get(PATH), { code: 'RLY_PULL_FAILED' });
      t.equal(origin.requests.length, 1);
      bench.clock.advance(2000);
      await t.rejects(bench.get(PATH), { code: 'RLY_PULL_FAILED' });
      t.equal(origin.requests.length, 2, `asked for ${asked} s`);
    }
  },
);

t.test('one file that a relay above has not got says nothing about its others', async (t) => {
  const words = { 'Retry-After': 60, 'Cache-Status': 'relay; detail=RLY_PULL_FAILED' };
  const origin = await scriptedOrigin(t, [respond(503, words), file('another')]);
  const second = await scriptedOrigin(t, [file('of the second')]);
  const bench = await pullBench(t, { sources: [origin.source.url, second.source.url] });
  t.equal((await bench.bytesOf(await bench.get(PATH))).toString(), 'of the second');
  t.equal((await bench.bytesOf(await bench.get('/officescan/hotfix_admin/a'))).toString(), 'another');
});

t.test('not for longer, nor where the source forbids it', async (t) => {
  for (const [headers, wait] of [
    [{}, 8 * DAY],
    [{ 'Cache-Control': 'max-age=1, must-revalidate' }, 2000],
    [{ 'Cache-Control': 'no-cache' }, 0],
  ] as const) {
    const origin = await scriptedOrigin(t, [file('hot fix', headers), respond(500)]);
    const bench = await pullBench(t, { sources: [origin.source.url] });
    await bench.bytesOf(await bench.get(PATH));
    bench.clock.advance(wait);
    await t.rejects(bench.get(PATH), {
      code: 'RLY_PULL_FAILED',
      fields: { path: 'hotfix_pccnt/Common/Setup.exe', reason: /answered 500/ },
    });
  }
});

t.test('a 304 about another content is a failure of its source', async (t) => {
  const other: Scene = (_, socket) => socket.write(head(304, { ETag: '"other"' }));
  const origin = await scriptedOrigin(t, [file('hot fix'), other]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  await bench.bytesOf(await bench.get(PATH));
  bench.clock.advance(6 * MINUTE);
  t.match((await bench.get(PATH)).handling, { fwd: null, detail: 'RLY_PULL_FAILED' });
  t.match(bench.events.of('object.failed'), [{ error: /RLY_UPSTREAM_PROTOCOL.*304 about another content/ }]);
});

t.test('a storm of requests for what no source has costs one question a minute', async (t) => {
  const origin = await scriptedOrigin(t, [respond(404)]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const storm = () => Promise.allSettled(Array.from({ length: 100 }, () => bench.get(PATH)));
  for (const result of await storm()) t.match(result, { reason: { code: 'RLY_PULL_ABSENT' } });
  await storm();
  t.equal(origin.requests.length, 1);
  t.strictSame(bench.events.of('object.failed'), [], 'nothing is wrong');
  bench.clock.advance(61_000);
  await storm();
  t.equal(origin.requests.length, 2);
});

t.test('what its source has no more is given no more', async (t) => {
  for (const status of [404, 410]) {
    const origin = await scriptedOrigin(t, [file('hot fix'), respond(status)]);
    const bench = await pullBench(t, { sources: [origin.source.url] });
    await bench.bytesOf(await bench.get(PATH));
    bench.clock.advance(6 * MINUTE);
    await t.rejects(bench.get(PATH), { code: 'RLY_PULL_ABSENT' });
    t.strictSame(bench.store.responses.list(), []);
  }
});

t.test('the sources are asked in their order, and each by its own validators', async (t) => {
  const first = await scriptedOrigin(t, [respond(404), respond(503), file('hot fix')]);
  const second = await scriptedOrigin(t, [file('hot fix'), file('hot fix')]);
  const bench = await pullBench(t, { sources: [first.source.url, second.source.url] });
  await bench.bytesOf(await bench.get(PATH));
  t.match(bench.store.responses.list(), [{ source: second.source.url }]);
  bench.clock.advance(6 * MINUTE);
  t.match((await bench.get(PATH)).handling, { fwdStatus: 304 });
  t.notOk(first.requests[1]?.headers.has('if-none-match'), 'the copy is not of this one');
  t.ok(second.requests[1]?.headers.has('if-none-match'));
  bench.clock.advance(6 * MINUTE);
  t.match((await bench.get(PATH)).handling, { fwdStatus: 200 });
  t.match(bench.store.responses.list(), [{ source: first.source.url }]);
  t.notOk(bench.target(PATH).hasChanged(), 'it is the same content');
});

t.test('one that failed seconds ago is asked after the others', async (t) => {
  const first = await scriptedOrigin(t, [(_, socket) => void socket.destroy(), respond(500)]);
  const second = await scriptedOrigin(t, [file('hot fix')]);
  const bench = await pullBench(t, { sources: [first.source.url, second.source.url] });
  await bench.bytesOf(await bench.get('/officescan/hotfix_pccnt/1'));
  await bench.bytesOf(await bench.get('/officescan/hotfix_pccnt/2'));
  await bench.bytesOf(await bench.get('/officescan/hotfix_pccnt/3'));
  t.equal(first.requests.length, 2, 'a cut may be the fault of one file: two are of the source');
  t.equal(second.requests.length, 3);
});

t.test('where one source has it not and another cannot be asked, nobody knows', async (t) => {
  const first = await scriptedOrigin(t, [respond(404)]);
  const second = await scriptedOrigin(t, [respond(500)]);
  const bench = await pullBench(t, { sources: [first.source.url, second.source.url] });
  await t.rejects(bench.get(PATH), { code: 'RLY_PULL_FAILED', fields: { reason: /500/ } });
  const none = await pullBench(t, { sources: [] });
  await t.rejects(none.get(PATH), { code: 'RLY_PULL_ABSENT' });
});

t.test('what is empty, a web page, torn or no whole archive never enters', async (t) => {
  const zip = await makeZip([{ name: 'a.txt', data: Buffer.alloc(5000, 'a') }]);
  for (const [name, content] of [
    ['empty', ''],
    ['a page', '<html><title>Blocked</title></html>'],
    ['half an archive', zip.subarray(0, zip.length >> 1)],
  ] as const) {
    const bad = await scriptedOrigin(t, [respond(200, { ETag: '"bad"' }, content)]);
    const alone = await pullBench(t, { sources: [bad.source.url] });
    await t.rejects(alone.get(PATH), { code: 'RLY_PULL_FAILED' }, name);
    t.strictSame(alone.store.responses.list(), []);
    t.match(alone.store.usage(), { bytes: 0, reserved: 0 });
    const good = await scriptedOrigin(t, [file(zip)]);
    const bench = await pullBench(t, { sources: [bad.source.url, good.source.url] });
    t.ok((await bench.bytesOf(await bench.get(PATH))).equals(zip), `${name}: the next source has it`);
    t.match(bench.store.responses.list(), [{ proof: 'structure' }]);
  }
});

t.test('a source that gives no length is waited for to the end', async (t) => {
  const content = bytesOf('chunked', 200_000);
  const chunked: Scene = (_, socket) => {
    socket.write(head(200, { 'Transfer-Encoding': 'chunked' }));
    socket.write(`${content.length.toString(16)}\r\n`);
    socket.write(content);
    socket.write('\r\n0\r\n\r\n');
  };
  const origin = await scriptedOrigin(t, [chunked]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const pulled = await bench.get(PATH);
  t.notOk('tag' in pulled.content, 'it is a blob by then');
  t.ok((await bench.bytesOf(pulled)).equals(content));
  t.equal(bench.store.usage().reserved, 0);
});

t.test('what is longer than its kind may be is not taken, whether it says so or not', async (t) => {
  const MIB = 1024 * 1024;
  const path = '/activeupdate/Branch/ofcscan.ini';
  const untold: Scene = (_, socket) => {
    socket.write(head(200, { 'Transfer-Encoding': 'chunked' }));
    for (let n = 0; n < 9; n += 1) socket.write(`100000\r\n${'x'.repeat(MIB)}\r\n`);
    socket.write('0\r\n\r\n');
  };
  const told: Scene = (_, socket) => socket.write(head(200, { 'Content-Length': 8 * MIB + 1 }));
  const fix: Scene = (_, socket) => socket.write(head(200, { 'Content-Length': 2048 * MIB + 1 }));
  for (const [asked, scene] of [
    [path, told],
    [path, untold],
    [PATH, fix],
  ] as const) {
    const origin = await scriptedOrigin(t, [scene]);
    const bench = await pullBench(t, { sources: [origin.source.url], domains: ['Branch'], maxSize: 2 ** 40 });
    await t.rejects(bench.get(asked), { code: 'RLY_PULL_FAILED', cause: { errors: [{ code: 'RLY_UPSTREAM_SIZE' }] } });
    t.strictSame(bench.store.responses.list(), []);
    t.match(bench.store.usage(), { bytes: 0, reserved: 0 });
  }
});

t.test('what is for no shared cache is given to those who wait, and kept for nobody', async (t) => {
  const origin = await scriptedOrigin(t, [file('for you', { 'Cache-Control': 'no-store' })]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  const [one, two] = await Promise.all([bench.get(PATH), bench.get(PATH)]);
  for (const pulled of [one, two]) {
    t.match(pulled.handling, { fwd: 'uri-miss', stored: false });
    t.equal((await bench.bytesOf(pulled)).toString(), 'for you');
  }
  t.strictSame(bench.store.responses.list(), []);
  await bench.bytesOf(await bench.get(PATH));
  t.equal(origin.requests.length, 2);
  const { blobs, generations } = bench.store;
  await generations.publish(await draftIn(blobs, 'index', []), new Date());
  t.equal(await bench.store.collect(new Set()), 'for you'.length, 'nothing holds its bytes');
});

t.test('a restart keeps what was cached, and how fresh it is', async (t) => {
  const origin = await scriptedOrigin(t, [file('hot fix', { 'Cache-Control': 'max-age=3600' })]);
  const path = temporaryFolder(t);
  const before = await pullBench(t, { sources: [origin.source.url], path });
  await before.bytesOf(await before.get(PATH));
  await before.close();
  const after = await pullBench(t, { sources: [origin.source.url], path });
  t.match((await after.get(SAME)).handling, { fwd: null });
  after.clock.advance(HOUR);
  t.match((await after.get(SAME)).handling, { fwdStatus: 304 });
  t.equal(origin.requests.length, 2);
});

t.test('what is kept of paths that are on no list any more is forgotten', async (t) => {
  const origin = await scriptedOrigin(t, [file('some file')]);
  const path = temporaryFolder(t);
  const settings = ['/activeupdate/Branch/ofcscan.ini', '/activeupdate/Old/ofcscan.ini'];
  const before = await pullBench(t, { sources: [origin.source.url], path, domains: ['Branch', 'Old'] });
  for (const asked of [PATH, ...settings]) await before.bytesOf(await before.get(asked));
  await before.close();
  const after = await pullBench(t, { sources: [origin.source.url], path, programs: false, domains: ['branch'] });
  await after.pull.sweep();
  t.match(after.store.responses.list(), [{ key: 'branch/ofcscan.ini' }]);
  t.equal(after.store.responses.list().length, 1);
});

t.test('what cannot be forgotten is told, and keeps no relay from its start', async (t) => {
  const bench = await pullBench(t, { sources: [] });
  bench.store.responses.retain = () => Promise.reject(new Error('the disk is full'));
  const { store, upstream, events, clock } = bench;
  const pull = createPullThrough({
    store,
    upstream,
    events,
    clock,
    health: createSourceHealth(clock),
    allowed: createAllowList({ programs: true, domains: [] }),
    sourcesOf: () => [],
  });
  await pull.sweep();
  t.match(events.of('store.not-collected'), [{ error: 'Error: the disk is full' }]);
});

t.test('a blob that turns out to be damaged is fetched again', async (t) => {
  const origin = await scriptedOrigin(t, [file('hot fix')]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  await bench.bytesOf(await bench.get(PATH));
  await bench.target(PATH).lost('0'.repeat(64));
  t.match((await bench.get(PATH)).handling, { fwd: null }, 'that was another');
  await bench.target(PATH).lost(sha256Of(Buffer.from('hot fix')));
  t.match((await bench.get(PATH)).handling, { fwd: 'uri-miss', fwdStatus: 200 });
  t.notOk(origin.requests[1]?.headers.has('if-none-match'));
});

t.test('a copy whose blob is gone is not asked for conditionally', async (t) => {
  const origin = await scriptedOrigin(t, [file('hot fix')]);
  const bench = await pullBench(t, { sources: [origin.source.url] });
  await bench.store.responses.add({
    key: 'hotfix_pccnt/common/setup.exe',
    path: 'hotfix_pccnt/Common/Setup.exe',
    kind: 'hotfix',
    proof: 'size',
    sha256: sha256Of(Buffer.from('hot fix')),
    size: 7,
    source: origin.source.url,
    fetchedAt: new Date(0).toISOString(),
    checkedAt: new Date(0).toISOString(),
    fields: { etag: `"${sha256Of(Buffer.from('hot fix')).slice(0, 8)}"` },
  });
  t.equal((await bench.bytesOf(await bench.get(PATH))).toString(), 'hot fix');
  t.notOk(origin.requests[0]?.headers.has('if-none-match'));
});

t.test('a full disk costs what is not here, and nothing that is', async (t) => {
  const origin = await scriptedOrigin(t, [file(bytesOf('large', 900)), file(bytesOf('too large', 2000)), respond(500)]);
  const bench = await pullBench(t, { sources: [origin.source.url], maxSize: 1000 });
  await bench.bytesOf(await bench.get(PATH));
  await t.rejects(bench.get('/officescan/hotfix_admin/a.zip'), { code: 'RLY_STORAGE_FULL' });
  t.match((await bench.get(PATH)).handling, { fwd: null });
  t.match(bench.store.usage(), { bytes: 900, reserved: 0 });
});

t.test('facts say what is here, and until when', async (t) => {
  const origin = await scriptedOrigin(t, [file('hot fix', { 'Cache-Control': 'max-age=3600' })]);
  const bench = await pullBench(t, { sources: [origin.source.url], domains: ['Branch'] });
  t.equal(bench.target(PATH).facts(), null);
  await bench.bytesOf(await bench.get(PATH));
  const facts = bench.target(SAME).facts();
  t.match(facts, {
    path: 'hotfix_pccnt/Common/Setup.exe',
    size: 7,
    sha256: sha256Of(Buffer.from('hot fix')),
    proof: 'size',
    source: origin.source.url,
  });
  const at = (time = '') => Date.parse(time);
  t.equal(at(facts?.freshUntil) - at(facts?.checkedAt), HOUR);
  t.equal(at(facts?.staleUntil) - at(facts?.freshUntil), 7 * DAY);
  await bench.bytesOf(await bench.get('/activeupdate/Branch/ofcscan.ini'));
  t.equal(bench.target('/activeupdate/Branch/ofcscan.ini').facts(), null, 'of what is private nothing is told');
});
