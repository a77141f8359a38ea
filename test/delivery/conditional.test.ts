import t from 'tap';
import { evaluate, rangeHolds } from '../../src/delivery/conditional.ts';

const ETAG = '"abc"';

t.test('If-None-Match is answered "not modified" for the same content', async (t) => {
  for (const field of ['"abc"', 'W/"abc"', '"x", "abc"', '"x" , W/"abc"', '*', ' * ', '"a,b","abc"']) {
    t.equal(evaluate({ 'if-none-match': field }, ETAG), 'not-modified', field);
  }
});

t.test('If-None-Match lets a request for other content proceed', async (t) => {
  for (const field of ['"x"', 'abc', '"abcd"', '"ABC"', '', '"a,\\"abc\\""', '"x,*"']) {
    t.equal(evaluate({ 'if-none-match': field }, ETAG), 'proceed', field);
  }
  t.equal(evaluate({}, ETAG), 'proceed');
});

t.test('If-Match fails for other content, and for weak tags of the same', async (t) => {
  for (const field of ['"abc"', '"x", "abc"', '*']) t.equal(evaluate({ 'if-match': field }, ETAG), 'proceed', field);
  for (const field of ['"x"', 'W/"abc"', '']) t.equal(evaluate({ 'if-match': field }, ETAG), 'failed', field);
});

t.test('If-Match comes before If-None-Match', async (t) => {
  t.equal(evaluate({ 'if-match': '"x"', 'if-none-match': '"abc"' }, ETAG), 'failed');
  t.equal(evaluate({ 'if-match': '"abc"', 'if-none-match': '"abc"' }, ETAG), 'not-modified');
});

t.test('a range holds without If-Range, and with the strong tag of this content only', async (t) => {
  t.ok(rangeHolds({}, ETAG));
  t.ok(rangeHolds({ 'if-range': '"abc"' }, ETAG));
  for (const field of ['W/"abc"', '"x"', 'abc', 'Sat, 01 Jun 2024 00:00:00 GMT', '*', '"abc", "x"']) {
    t.notOk(rangeHolds({ 'if-range': field }, ETAG), field);
  }
});
