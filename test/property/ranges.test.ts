import { createHash } from 'node:crypto';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import type { Slice } from '../../src/delivery/answer.ts';
import { planAnswer } from '../../src/delivery/plan.ts';
import { selectRanges } from '../../src/delivery/ranges.ts';
import { createRepresentation, type Representation } from '../../src/delivery/representation.ts';
import { parseByteranges } from '../support/byteranges.ts';

/** A range-spec as a client means it. */
type Spec = { first: number; last?: number } | { suffix: number };

const position = fc.nat(80);
const spec: fc.Arbitrary<Spec> = fc.oneof(
  fc.tuple(position, position).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
  position.map((first) => ({ first })),
  position.map((suffix) => ({ suffix })),
);
const specs = fc.array(spec, { minLength: 1, maxLength: 16 });
const content = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes));

const text = (of: Spec): string => ('suffix' in of ? `-${of.suffix}` : `${of.first}-${of.last ?? ''}`);
const field = (all: readonly Spec[]): string => `bytes=${all.map(text).join(', ')}`;

/** The naive model: which bytes one spec asks for, one by one. */
function wantedBy(of: Spec, size: number): number[] {
  const first = 'suffix' in of ? size - of.suffix : of.first;
  const last = 'suffix' in of ? size - 1 : (of.last ?? size - 1);
  return Array.from({ length: size }, (_, n) => n).filter((n) => n >= first && n <= last);
}

const wanted = (all: readonly Spec[], size: number): Set<number> => new Set(all.flatMap((one) => wantedBy(one, size)));

function bytesOf(slices: readonly Slice[]): number[] {
  return slices.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, n) => start + n));
}

function representationOf(bytes: Buffer): Representation {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return createRepresentation({
    path: 'a.zip',
    kind: 'pattern',
    component: 'P.4',
    generation: 1,
    content: { sha256, size: bytes.length },
  });
}

/** What `planAnswer` would send, put together. */
function answered(bytes: Buffer, range: string) {
  const plan = planAnswer(representationOf(bytes), { method: 'GET', headers: { range } });
  if (!('parts' in plan)) return { status: plan.status, headers: {}, body: Buffer.alloc(0) };
  const pieces = (plan.parts ?? []).map((part) =>
    Buffer.isBuffer(part) ? part : bytes.subarray(part.start, part.end),
  );
  return { status: plan.status, headers: plan.headers, body: Buffer.concat(pieces) };
}

t.test('the slices are exactly the bytes asked for, each once, and never empty', async () => {
  fc.assert(
    fc.property(specs, fc.integer({ min: 1, max: 64 }), (all, size) => {
      const selected = selectRanges(field(all), size);
      const expected = wanted(all, size);
      if (expected.size === 0) return selected === 'unsatisfiable';
      if (typeof selected === 'string') return false;
      const got = bytesOf(selected);
      return (
        got.length === expected.size && got.every((n) => expected.has(n)) && selected.every((s) => s.start < s.end)
      );
    }),
    { numRuns: 500 },
  );
});

t.test('slices that were not merged stand in the order of the request', async () => {
  fc.assert(
    fc.property(specs, fc.integer({ min: 1, max: 64 }), (all, size) => {
      const selected = selectRanges(field(all), size);
      const asked = all.map((one) => wantedBy(one, size)).filter((bytes) => bytes.length > 0);
      if (typeof selected === 'string' || selected.length !== asked.length) return true;
      return selected.every(({ start }, n) => start === asked[n]?.[0]);
    }),
    { numRuns: 500 },
  );
});

t.test('each byte of a partial answer is the byte its Content-Range says, and Content-Length is true', async () => {
  fc.assert(
    fc.property(content, specs, (bytes, all) => {
      const { status, headers, body } = answered(bytes, field(all));
      const expected = wanted(all, bytes.length);
      if (expected.size === 0) return status === 416;
      if (status !== 206 || headers['Content-Length'] !== String(body.length)) return false;
      const range = headers['Content-Range'];
      const parts =
        range === undefined ? parseByteranges(headers['Content-Type'] ?? '', body) : [{ range, data: body }];
      const seen = parts.flatMap((part) => {
        const [, start, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(part.range)?.map(Number) ?? [];
        const whole = start !== undefined && last !== undefined && size === bytes.length;
        return whole && part.data.equals(bytes.subarray(start, last + 1)) ? bytesOf([{ start, end: last + 1 }]) : [-1];
      });
      return seen.length === expected.size && seen.every((n) => expected.has(n));
    }),
    { numRuns: 500 },
  );
});

t.test('no field whatsoever makes it throw, take long, or leave the content', async () => {
  const noise = fc.array(fc.constantFrom('bytes', '=', '-', ',', ' ', '0', '7', '99', '-1', '\t', 'x', '9'.repeat(30)));
  const anything = fc.oneof(
    fc.string(),
    noise.map((words) => words.join('')),
    noise.map((w) => `bytes=${w.join('')}`),
  );
  fc.assert(
    fc.property(anything, fc.nat(64), (range, size) => {
      const selected = selectRanges(range, size);
      if (typeof selected === 'string') return true;
      return selected.length <= 16 && selected.every(({ start, end }) => 0 <= start && start < end && end <= size);
    }),
    { numRuns: 1000 },
  );
});
