import t from 'tap';
import { contentRange, selectRanges } from '../../src/delivery/ranges.ts';

const SIZE = 1000;

t.test('a single range is one slice', async (t) => {
  t.strictSame(selectRanges('bytes=0-0', SIZE), [{ start: 0, end: 1 }]);
  t.strictSame(selectRanges('bytes=10-19', SIZE), [{ start: 10, end: 20 }]);
  t.strictSame(selectRanges('bytes=999-', SIZE), [{ start: 999, end: 1000 }]);
  t.strictSame(selectRanges('bytes=0-', SIZE), [{ start: 0, end: 1000 }]);
});

t.test('a last byte beyond the end is the end', async (t) => {
  t.strictSame(selectRanges('bytes=990-99999999999999999999999', SIZE), [{ start: 990, end: 1000 }]);
});

t.test('a suffix counts from the end, and one longer than the whole is the whole', async (t) => {
  t.strictSame(selectRanges('bytes=-10', SIZE), [{ start: 990, end: 1000 }]);
  t.strictSame(selectRanges('bytes=-5000', SIZE), [{ start: 0, end: 1000 }]);
});

t.test('units are named in any case, and blanks and empty elements between ranges mean nothing', async (t) => {
  t.strictSame(selectRanges('Bytes=0-1 ,, \t 10-11,', SIZE), [
    { start: 0, end: 2 },
    { start: 10, end: 12 },
  ]);
});

t.test('disjoint ranges keep the order of the request', async (t) => {
  t.strictSame(selectRanges('bytes=-1,0-0,500-501', SIZE), [
    { start: 999, end: 1000 },
    { start: 0, end: 1 },
    { start: 500, end: 502 },
  ]);
});

t.test('ranges that overlap or touch become one, and all come in ascending order', async (t) => {
  t.strictSame(selectRanges('bytes=500-599,10-19,20-29,550-650', SIZE), [
    { start: 10, end: 30 },
    { start: 500, end: 651 },
  ]);
});

t.test('what lies beyond the end is left out, and nothing else to give is unsatisfiable', async (t) => {
  t.strictSame(selectRanges('bytes=1000-1001,5-5', SIZE), [{ start: 5, end: 6 }]);
  for (const field of ['bytes=1000-', 'bytes=1000-2000', 'bytes=-0', 'bytes=5000-,-0']) {
    t.equal(selectRanges(field, SIZE), 'unsatisfiable', field);
  }
});

t.test('malformed fields and other units are not heeded', async (t) => {
  const fields = ['bytes', 'bytes=', 'bytes=,', 'bytes=-', 'bytes=a-b', 'bytes=5-4', 'bytes=0-1;2-3', 'bytes=0 - 1'];
  fields.push('bytes=0-1, 9-8', 'bytes=--5', 'bytes=+1-2', 'bytes=1.5-2', 'items=0-1', 'bytes =0-1', '');
  for (const field of fields) t.equal(selectRanges(field, SIZE), 'whole', field);
});

t.test('sixteen ranges are answered, seventeen are not', async (t) => {
  const field = (count: number) => `bytes=${Array.from({ length: count }, (_, n) => `${n * 10}-${n * 10}`).join(',')}`;
  t.equal(selectRanges(field(16), SIZE).length, 16);
  t.equal(selectRanges(field(17), SIZE), 'whole');
});

t.test('nothing can be cut from what is empty', async (t) => {
  t.equal(selectRanges('bytes=0-0', 0), 'whole');
  t.equal(selectRanges('bytes=-1', 0), 'whole');
});

t.test('Content-Range names the slice by its last byte, or only the size', async (t) => {
  t.equal(contentRange({ start: 10, end: 20 }, SIZE), 'bytes 10-19/1000');
  t.equal(contentRange(undefined, SIZE), 'bytes */1000');
});
