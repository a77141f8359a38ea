import t from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { createGrowingContent } from '../../src/flight/growing-content.ts';
import { bufferReader } from '../support/buffer-reader.ts';

const KIB = 1024;
const HELD_BACK = 64 * KIB;
const bytes = Buffer.alloc(200 * KIB, 'content');
const failure = new RelayError('RLY_UPSTREAM_SIZE', { url: 'http://source', found: 1, expected: 2 });

const growing = (size = bytes.length) => createGrowingContent({ size, from: bufferReader(bytes) });

t.test('what has come is available, from any position, except the last 64 KiB', async (t) => {
  const content = growing();
  t.equal(content.available(0), 0);
  content.grewTo(100 * KIB);
  t.equal(content.available(0), 100 * KIB);
  t.equal(content.available(99 * KIB), KIB);
  t.equal(content.available(150 * KIB), 0);
  content.grewTo(bytes.length);
  t.equal(content.available(0), bytes.length - HELD_BACK);
  t.equal(content.available(bytes.length - HELD_BACK), 0);
  content.proven();
  t.equal(content.available(0), bytes.length);
});

t.test('of what is smaller than that, nothing leaves before it is proven', async (t) => {
  const content = growing(1000);
  content.grewTo(1000);
  t.equal(content.available(0), 0);
  content.proven();
  t.equal(content.available(0), 1000);
});

t.test('a reader waits until its own position is reached', async (t) => {
  const content = growing();
  let arrived = false;
  const arrival = content.arrival(50 * KIB).then(() => (arrived = true));
  content.grewTo(50 * KIB);
  await Promise.resolve();
  t.equal(arrived, false, 'the byte itself is not here yet');
  content.grewTo(50 * KIB + 1);
  await arrival;
  t.ok(arrived);
  await content.arrival(0);
});

t.test('no read goes beyond what is available', async (t) => {
  const content = growing();
  content.grewTo(10);
  const target = Buffer.alloc(100);
  t.equal(await content.read(target, 4), 6);
  t.strictSame(target.subarray(0, 6), bytes.subarray(4, 10));
  t.equal(content.slice(0, 4), undefined, 'it is not in memory');
});

t.test('bytes in memory are handed out without a copy', async (t) => {
  const memory = Buffer.from(bytes);
  const content = createGrowingContent({ size: bytes.length, from: bufferReader(bytes), memory });
  content.grewTo(100);
  t.equal(content.slice(10, 20)?.buffer, memory.buffer);
  t.strictSame(content.slice(10, 20), bytes.subarray(10, 20));
});

t.test('what is worthless stays so, and whoever is concerned learns it at once', async (t) => {
  const content = growing();
  content.grewTo(1000);
  const told: string[] = [];
  content.whenWorthless(() => told.push('left'))();
  content.whenWorthless(() => told.push('a reader'));
  content.fail(failure);
  t.strictSame(told, ['a reader'], 'before anything else can happen to the memory');
  content.whenWorthless(() => told.push('one that comes late'));
  t.strictSame(told, ['a reader', 'one that comes late']);
  content.grewTo(2000);
  content.grewAhead(2000, 3000);
  content.proven();
  t.strictSame([0, 2500].map(content.available), [0, 0]);
});

t.test('a failure reaches those who wait and those who come later, and nothing is available any more', async (t) => {
  const content = growing();
  content.grewTo(1000);
  const waiting = content.arrival(2000);
  content.fail(failure);
  await t.rejects(waiting, failure);
  await t.rejects(content.arrival(0), failure);
  t.equal(content.available(0), 0);
});
