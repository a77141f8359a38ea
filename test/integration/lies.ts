import type { ErrorCode } from '../../src/errors/catalogue.ts';
import type { Fault } from '../../src/lab/faults.ts';

/** What is lied about. */
export type Target = 'index' | 'incremental' | 'pattern' | 'signature';
export const TARGETS: readonly Target[] = ['index', 'incremental', 'pattern', 'signature'];

/** How the update is refused: the error, and what it must say beside where it happened. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly says: RegExp;
}
/** `harmless`: published all the same, and right. `unseen`: nobody can tell; a test of its own. */
export type Verdict = Refusal | 'harmless' | 'unseen';

const slow: Refusal = { code: 'RLY_UPSTREAM_TOO_SLOW', says: /is too slow: \d+ bytes in \S+ s, expected 500 bytes\/s/ };
const cut: Refusal = { code: 'RLY_UPSTREAM_RESET', says: /was cut: ./ };
const noLength: Refusal = { code: 'RLY_UPSTREAM_NO_LENGTH', says: /sent neither .*, expected one of them/ };
const size: Refusal = { code: 'RLY_UPSTREAM_SIZE', says: /found \d+, expected \d+ bytes/ };
const coded: Refusal = { code: 'RLY_UPSTREAM_CODED', says: /coded as gzip, expected no content coding/ };
const page: Refusal = { code: 'RLY_ARCHIVE_DAMAGED', says: /it is a web page/ };
const damaged: Refusal = { code: 'RLY_ARCHIVE_DAMAGED', says: /wrong CRC-32: \w+, expected \w+/ };
const status = (found: number): Refusal => ({
  code: 'RLY_UPSTREAM_STATUS',
  says: new RegExp(`answered ${found}, expected 200`),
});
const busy: Refusal = { code: 'RLY_UPSTREAM_BUSY', says: /answered 429 and asks to come back in 3600 s/ };
const gone: Refusal = { code: 'RLY_UPSTREAM_NOT_FOUND', says: /is not there \(404\)/ };
const missing: Refusal = { code: 'RLY_UPDATE_INDEX_MISSING', says: /answered 404: there is no index/ };
const notAnIndex: Refusal = {
  code: 'RLY_MANIFEST_NOT_AN_INDEX',
  says: /not a server\.ini: .*; it begins with "<!DOCTYPE html>/,
};
const syntax: Refusal = { code: 'RLY_MANIFEST_SYNTAX', says: /line \d+ of server\.ini .*found .*, expected ./ };

export interface Lie {
  readonly what: string;
  readonly fault: Fault;
  readonly index: Verdict;
  readonly object: Verdict;
  readonly signature: Verdict;
}

const everywhere = (verdict: Verdict) => ({ index: verdict, object: verdict, signature: verdict });

export const LIES: readonly Lie[] = [
  { what: 'drips', fault: { kind: 'slow', bytesPerSecond: 40 }, ...everywhere(slow) },
  { what: 'is torn', fault: { kind: 'torn', after: 100 }, ...everywhere(cut) },
  {
    what: 'is torn, and no length was named',
    fault: { kind: 'torn', after: 100, length: false },
    index: noLength,
    object: cut,
    signature: noLength,
  },
  { what: 'is reset', fault: { kind: 'reset', after: 100 }, ...everywhere(cut) },
  { what: 'falls silent', fault: { kind: 'silent', after: 100 }, ...everywhere(slow) },
  {
    what: 'is bigger than listed',
    fault: { kind: 'wrongSize', by: 10 },
    index: syntax,
    object: size,
    signature: 'unseen',
  },
  {
    what: 'is smaller than listed',
    fault: { kind: 'wrongSize', by: -10 },
    index: 'unseen',
    object: size,
    signature: 'unseen',
  },
  { what: 'has one bit flipped', fault: { kind: 'wrongBytes' }, index: 'unseen', object: damaged, signature: 'unseen' },
  {
    what: 'is shorter than its length',
    fault: { kind: 'lyingLength', by: 10 },
    index: cut,
    object: size,
    signature: cut,
  },
  {
    what: 'is longer than its length',
    fault: { kind: 'lyingLength', by: -10 },
    index: 'unseen',
    object: size,
    signature: 'unseen',
  },
  { what: 'is a login page', fault: { kind: 'portal' }, index: notAnIndex, object: size, signature: page },
  { what: 'is forbidden', fault: { kind: 'status', status: 403 }, ...everywhere(status(403)) },
  { what: 'meets a server in trouble', fault: { kind: 'status', status: 500 }, ...everywhere(status(500)) },
  { what: 'comes too often', fault: { kind: 'status', status: 429, retryAfter: 3600 }, ...everywhere(busy) },
  { what: 'is gone', fault: { kind: 'status', status: 404 }, index: missing, object: gone, signature: 'unseen' },
  { what: 'is compressed', fault: { kind: 'gzip' }, ...everywhere(coded) },
  { what: 'has no ranges', fault: { kind: 'rangesIgnored' }, ...everywhere('harmless') },
  { what: 'has no validators', fault: { kind: 'noValidators' }, ...everywhere('harmless') },
];
