import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { PART_FROM } from '../../src/flight/open-writer.ts';
import type { Store } from '../../src/ports/store.ts';
import { PULLED_PART } from '../../src/ports/pull-through.ts';
import { pulledPart, itemOfPart } from '../../src/pull-through/pulled-part.ts';
import { createAllowList } from '../../src/pull-through/allow-list.ts';
import { createPullThrough } from '../../src/pull-through/pull-through.ts';
import { bytesOf } from '../storage/sample.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { mirrorBench } from '../support/mirror-bench.ts';
import { eventually } from '../support/eventually.ts';
import { pullBench, takeWhole } from '../support/pull-bench.ts';

const PATH = '/officescan/hotfix_pccnt/Common/Setup.exe';
const MIB = 2 ** 20;
const content = bytesOf('a large hot fix', 3 * MIB);
const HALF = 2 * MIB;

/** A source that sends the first 2 MiB and no more, until it is mended. */
async function halfSource(t: Test, fields: Readonly<Record<string, string>> = { ETag: '"v1"' }) {
  const source = { url: '', asked: [] as (string | undefined)[], body: content, fields, isWhole: false };
  const server = createServer((request, response) => {
    const { range } = request.headers;
    source.asked.push(range);
    const { body } = source;
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    const isRest = range !== undefined && request.headers['if-range'] === source.fields['ETag'];
    const sent = body.subarray(isRest ? from : 0);
    response.writeHead(isRest ? 206 : 200, {
      ...source.fields,
      'Content-Length': sent.length,
      ...(isRest && { 'Content-Range': `bytes ${from}-${body.length - 1}/${body.length}` }),
    });
    if (source.isWhole) response.end(sent);
    else response.write(sent.subarray(0, HALF - (isRest ? from : 0)), () => response.socket?.destroySoon());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  source.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/officescan`;
  return source;
}

type Half = Awaited<ReturnType<typeof halfSource>>;

/** The folder of a store that a relay left which got half of the hot fix. */
async function afterHalf(t: Test, { url }: Half): Promise<string> {
  const path = temporaryFolder(t);
  const bench = await pullBench(t, { sources: [url], path });
  const { content: take } = await bench.get(PATH);
  if (!('tag' in take)) throw new Error('it is coming');
  await t.rejects(takeWhole(take), { code: 'RLY_UPSTREAM_RESET' });
  await eventually('its writer is closed', () => bench.store.usage().reserved === 0);
  await bench.close();
  return path;
}

/** What another relay gets on that folder, and the bytes that cross the line for it. */
async function goOn(t: Test, path: string, { url }: Half): Promise<{ bytes: Buffer; received: number }> {
  const bench = await pullBench(t, { sources: [url], path });
  const bytes = await bench.bytesOf(await bench.get(PATH));
  await bench.events.nth('object.fetched', 1);
  const received = bench.upstream.received.total();
  await bench.close();
  return { bytes, received };
}

/** Leaves 5 bytes of a part in nobody's hands. */
async function keepPart({ blobs }: Store, part: string): Promise<void> {
  const writer = await blobs.create(10, { part });
  await writer.note({ source: 'http://127.0.0.1', etag: '"1"', lastModified: null });
  await writer.write(Buffer.from('12345'));
  await writer.keep();
}

t.test('bug: half of a hot fix was fetched again by the next relay on the same disk', async (t) => {
  const source = await halfSource(t);
  const path = await afterHalf(t, source);
  t.equal(readdirSync(join(path, 'parts')).length, 2, 'the part and its note');
  source.isWhole = true;
  const { bytes, received } = await goOn(t, path, source);
  t.ok(bytes.equals(content));
  t.strictSame(source.asked, [undefined, undefined, `bytes=${HALF}-`]);
  t.ok(
    received < content.length - HALF + 256 * 1024,
    `${received} bytes: the rest, and what was on its way of the whole`,
  );
  t.strictSame(readdirSync(join(path, 'parts')), []);
});

t.test('half of another content is not gone on with', async (t) => {
  const source = await halfSource(t);
  const path = await afterHalf(t, source);
  Object.assign(source, { isWhole: true, fields: { ETag: '"v2"' }, body: bytesOf('another', 3 * MIB) });
  const { bytes } = await goOn(t, path, source);
  t.ok(bytes.equals(source.body));
  t.strictSame(source.asked, [undefined, undefined]);
});

t.test('what nothing binds to its rest is not kept', async (t) => {
  for (const fields of [{}, { ETag: 'W/"v1"' }]) {
    const path = await afterHalf(t, await halfSource(t, fields));
    t.strictSame(readdirSync(join(path, 'parts')), []);
  }
});

t.test(
  'a part goes when its file may not be asked for any more; those of updates are none of its business',
  async (t) => {
    const source = await halfSource(t);
    const path = await afterHalf(t, source);
    const { store, ...bench } = await pullBench(t, { sources: [source.url], path });
    await keepPart(store, 'of an update');
    await bench.pull.sweep();
    t.equal(store.usage().bytes, HALF + 5);
    const allowed = createAllowList({ programs: false, domains: [] });
    await createPullThrough({ ...bench, store, allowed, health: bench.health, sourcesOf: () => [] }).sweep();
    t.equal(store.usage().bytes, 5);
  },
);

t.test('an update lets go of parts that its index does not list, and of no hot fix', async (t) => {
  const { store, mirror } = await mirrorBench(t, {});
  await keepPart(store, 'of a release that is gone');
  await keepPart(store, `${PULLED_PART}hotfix\nhotfix_pccnt/a\nhttp://127.0.0.1`);
  const before = store.usage().bytes;
  await mirror.update('schedule');
  const { index, objects } = store.generations.current() ?? {};
  const blobs = new Map([index, ...(objects ?? [])].map((blob) => [blob?.sha256, blob?.size ?? 0]));
  t.equal(before, 10);
  t.equal(store.usage().bytes, 5 + [...blobs.values()].reduce((sum, size) => sum + size, 0));
});

t.test('domain settings, short files, what may not be kept and what has no length are no parts', (t) => {
  const source = { url: 'http://127.0.0.1' };
  const head = { length: PART_FROM, fields: { etag: '"1"' }, at: 0 };
  const item = { kind: 'hotfix', key: 'hotfix_pccnt/a' } as const;
  const part = pulledPart(item, source, head);
  t.match(part, { note: { source: source.url, etag: '"1"', lastModified: null } });
  t.strictSame(itemOfPart(part?.name ?? ''), item);
  t.equal(itemOfPart('pattern/a'), undefined);
  t.equal(pulledPart({ ...item, kind: 'domain-settings' }, source, head), undefined);
  t.equal(pulledPart(item, source, { ...head, length: PART_FROM - 1 }), undefined);
  t.equal(pulledPart(item, source, { ...head, length: null }), undefined);
  t.equal(pulledPart(item, source, { ...head, fields: {} }), undefined);
  t.equal(pulledPart(item, source, { ...head, fields: { etag: '"1"', 'cache-control': 'no-store' } }), undefined);
  t.end();
});
