import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { answerWith, type LabContent, withoutRange } from '../../src/lab/lab-answer.ts';

const date = new Date(Date.UTC(2026, 0, 5, 6));
const content: LabContent = {
  bytes: Buffer.from('0123456789'),
  type: 'application/octet-stream',
  encoding: null,
  etag: '"a"',
  lastModified: date,
};

function outcome(headers: Record<string, string>, of = content): string {
  const { status, body, headers: answered } = answerWith(of, headers);
  return [status, body.toString(), answered['Content-Range']].filter(Boolean).join(' ');
}

t.test('without conditions it is the whole, with its validators', async (t) => {
  t.strictSame(answerWith(content, {}), {
    status: 200,
    headers: {
      ETag: '"a"',
      'Last-Modified': 'Mon, 05 Jan 2026 06:00:00 GMT',
      'Content-Type': 'application/octet-stream',
      'Accept-Ranges': 'bytes',
    },
    body: content.bytes,
    contentLength: 10,
    bytesPerSecond: null,
    cut: null,
  });
});

t.test('one range is answered; several, or nonsense, are ignored', async (t) => {
  t.equal(outcome({ range: 'bytes=2-4' }), '206 234 bytes 2-4/10');
  t.equal(outcome({ range: 'bytes=7-' }), '206 789 bytes 7-9/10');
  t.equal(outcome({ range: 'bytes=-3' }), '206 789 bytes 7-9/10');
  t.equal(outcome({ range: 'bytes=-30' }), '206 0123456789 bytes 0-9/10');
  t.equal(outcome({ range: 'bytes=8-99' }), '206 89 bytes 8-9/10');
  t.equal(outcome({ range: 'bytes=10-' }), '416 bytes */10');
  t.equal(outcome({ range: 'bytes=-0' }), '416 bytes */10');
  for (const range of ['bytes=1-2,4-5', 'bytes=-', 'bytes=5-4', 'lines=1-2']) {
    t.equal(outcome({ range }), '200 0123456789', range);
  }
});

t.test('any range within the bytes gives exactly these', async () => {
  fc.assert(
    fc.property(fc.nat(9), fc.nat(9), (one, other) => {
      const [start, last] = one < other ? [one, other] : [other, one];
      const { body } = answerWith(content, { range: `bytes=${start}-${last}` });
      return body.equals(content.bytes.subarray(start, last + 1));
    }),
  );
});

t.test('an If-Range that no longer holds gives the whole', async (t) => {
  t.equal(outcome({ range: 'bytes=8-', 'if-range': '"a"' }), '206 89 bytes 8-9/10');
  t.equal(outcome({ range: 'bytes=8-', 'if-range': '"b"' }), '200 0123456789');
  t.equal(outcome({ range: 'bytes=8-', 'if-range': 'W/"a"' }), '200 0123456789', 'a weak tag binds no range');
  t.equal(outcome({ range: 'bytes=8-', 'if-range': date.toUTCString() }), '206 89 bytes 8-9/10');
  const bare = { ...content, etag: null, lastModified: null };
  t.equal(outcome({ range: 'bytes=8-', 'if-range': '"a"' }, bare), '200 0123456789');
});

t.test('what the client has is not sent again', async (t) => {
  t.equal(outcome({ 'if-none-match': '"z", W/"a"' }), '304');
  t.equal(outcome({ 'if-none-match': '*' }), '304');
  t.equal(outcome({ 'if-none-match': '"z"', 'if-modified-since': date.toUTCString() }), '200 0123456789');
  t.equal(outcome({ 'if-modified-since': date.toUTCString() }), '304');
  t.equal(outcome({ 'if-modified-since': new Date(0).toUTCString() }), '200 0123456789');
  t.equal(outcome({ 'if-none-match': '"a"' }, { ...content, etag: null }), '200 0123456789');
  t.equal(answerWith(content, { 'if-none-match': '"a"' }).headers['ETag'], '"a"');
});

t.test('a request can be stripped of its range', async (t) => {
  t.equal(outcome(withoutRange({ range: 'bytes=8-', 'if-range': '"a"' }) as Record<string, string>), '200 0123456789');
});
