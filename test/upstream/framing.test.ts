import t from 'tap';
import { framingOf } from '../../src/upstream/framing.ts';

const framing = (headers: Readonly<Record<string, string>>) => framingOf({ header: (name) => headers[name] ?? null });

t.test('what RFC 9112 §6.3 says of a body’s end', async (t) => {
  t.equal(framing({ 'content-length': '0' }), 0);
  t.equal(framing({ 'content-length': '64813753' }), 64_813_753);
  t.equal(framing({ 'transfer-encoding': 'Chunked' }), 'chunked');
  t.equal(framing({ 'transfer-encoding': 'chunked', 'content-length': '5' }), 'chunked');
  t.equal(framing({}), 'close');
});

t.test('what is coded, or no number, proves no end', async (t) => {
  t.equal(framing({ 'transfer-encoding': 'gzip, chunked' }), 'close');
  t.equal(framing({ 'content-length': '5, 6' }), 'close');
});
