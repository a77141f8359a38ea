import * as fc from '../support/fast-check.ts';
import t from 'tap';
import {
  type AnswerFacts,
  judgeAnswer,
  parseContentRange,
  planHeaders,
  planRequest,
  strongValidator,
} from '../../src/upstream/resume.ts';

const modified = 'Mon, 01 Jul 2024 12:00:00 GMT';
const nothing: Omit<AnswerFacts, 'status'> = { etag: null, lastModified: null, date: null, contentRange: null };

t.test('a strong ETag binds, a weak one does not, whatever Last-Modified says', async (t) => {
  const settled = { lastModified: modified, date: 'Mon, 01 Jul 2024 13:00:00 GMT' };
  t.equal(strongValidator({ etag: '"a"', ...settled }), '"a"');
  t.equal(strongValidator({ etag: 'W/"a"', ...settled }), null);
  t.equal(strongValidator({ etag: 'unquoted', ...settled }), null);
});

t.test('Last-Modified binds when the answer was made a minute later', async (t) => {
  const by = (date: string | null) => strongValidator({ etag: null, lastModified: modified, date });
  t.equal(by('Mon, 01 Jul 2024 12:01:00 GMT'), modified);
  t.equal(by('Mon, 01 Jul 2024 12:00:59 GMT'), null);
  t.equal(by('yesterday'), null);
  t.equal(by(null), null);
  t.equal(strongValidator({ etag: null, lastModified: null, date: modified }), null);
});

t.test('a Content-Range is one only when all three numbers are there', async (t) => {
  t.strictSame(parseContentRange('bytes 5-9/10'), { first: 5, last: 9, total: 10 });
  for (const value of ['', 'bytes 5-9/*', 'bytes */10', 'bytes=5-9/10', 'bytes 5-9', 'items 5-9/10']) {
    t.equal(parseContentRange(value), null, value);
  }
});

t.test('what is whole already is not asked for', async (t) => {
  t.strictSame(planRequest(10, '"a"', { exact: 10 }), { ask: 'nothing' });
  t.strictSame(planRequest(10, null, { exact: 10 }), { ask: 'whole' });
  t.strictSame(planRequest(0, null, { exact: 0 }), { ask: 'whole' });
});

t.test('what is too long for the object is none of it', async (t) => {
  t.strictSame(planRequest(11, '"a"', { exact: 10 }), { ask: 'whole' });
  t.strictSame(planRequest(10, '"a"', { limit: 10 }), { ask: 'whole' });
});

t.test('a 206 must be the very rest of the very object', async (t) => {
  const size = { exact: 10 };
  const plan = planRequest(4, '"a"', size);
  t.strictSame(planHeaders(plan), { range: 'bytes=4-', 'if-range': '"a"' });
  const judge = (facts: Partial<AnswerFacts>) =>
    judgeAnswer(plan, { ...nothing, status: 206, etag: '"a"', contentRange: 'bytes 4-9/10', ...facts }, size);
  t.equal(judge({}), 'rest');
  t.equal(judge({ contentRange: 'bytes 3-9/10' }), 'start over');
  t.equal(judge({ contentRange: 'bytes 4-8/10' }), 'start over');
  t.equal(judge({ contentRange: 'bytes 4-10/11' }), 'start over');
  t.equal(judge({ contentRange: null }), 'start over', 'multipart/byteranges has none');
  t.equal(judge({ etag: '"b"' }), 'start over');
  t.equal(judge({ etag: null }), 'start over');
  t.equal(judge({ status: 416 }), 'start over');
  t.equal(judge({ status: 200 }), 'whole');
  t.equal(judge({ status: 404 }), 'refused');
});

t.test('a 206 to If-Range with a date may leave Last-Modified out, but not contradict', async (t) => {
  const size = { limit: 100 };
  const plan = planRequest(4, modified, size);
  const judge = (facts: Partial<AnswerFacts>) =>
    judgeAnswer(plan, { ...nothing, status: 206, contentRange: 'bytes 4-9/10', ...facts }, size);
  t.equal(judge({}), 'rest');
  t.equal(judge({ lastModified: modified }), 'rest');
  t.equal(judge({ lastModified: 'Mon, 01 Jul 2024 12:00:01 GMT' }), 'start over');
  t.equal(judge({ contentRange: 'bytes 4-100/101' }), 'start over');
});

t.test('without a range there is no 206, no 416', async (t) => {
  const whole = { ask: 'whole' } as const;
  t.equal(judgeAnswer(whole, { ...nothing, status: 206 }, { exact: 1 }), 'unasked part');
  t.equal(judgeAnswer(whole, { ...nothing, status: 416 }, { exact: 1 }), 'refused');
});

t.test('whatever a source does with a range, the sink ends with one whole version or asks anew', async () => {
  const kinds = fc.constantFrom('honours', 'ignores', 'ignores if-range', 'shifts', 'shortens', '416');
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.boolean(),
      fc.nat(40),
      kinds,
      (now, changed, cut, kind) => {
        const before = changed ? now.map((byte) => byte ^ 0xff) : now;
        const held = before.subarray(0, cut);
        const etag = changed ? '"new"' : '"old"';
        const size = { exact: now.length };
        const plan = planRequest(held.length, '"old"', size);
        if (plan.ask === 'nothing') return true;
        const { facts, body } = answerOf(kind, plan.ask === 'rest' ? plan.from : null, changed, now, etag);
        const verdict = judgeAnswer(plan, facts, size);
        if (verdict === 'start over') return plan.ask === 'rest';
        const sink = verdict === 'rest' ? [...held, ...body] : [...body];
        return (verdict === 'rest' || verdict === 'whole') && Buffer.from(sink).equals(now);
      },
    ),
    { numRuns: 500 },
  );
});

/** A source, modelled: what it answers to `Range: bytes=from-` with If-Range "old". */
function answerOf(
  kind: string,
  from: number | null,
  changed: boolean,
  content: Uint8Array,
  etag: string,
): { facts: AnswerFacts; body: Uint8Array } {
  const whole = { facts: { ...nothing, status: 200, etag }, body: content };
  if (from === null || kind === 'ignores') return whole;
  if (kind === '416') return { facts: { ...nothing, status: 416 }, body: new Uint8Array() };
  if (changed && kind !== 'ignores if-range') return whole;
  const first = kind === 'shifts' ? from - 1 : from;
  const end = kind === 'shortens' ? content.length - 1 : content.length;
  const contentRange = `bytes ${first}-${end - 1}/${content.length}`;
  return { facts: { ...nothing, status: 206, etag, contentRange }, body: content.subarray(first, end) };
}
