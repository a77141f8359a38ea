import { Type } from 'typebox';
import type { AuditEntry, AuditMark } from '../src/ports/audit.ts';
import { checkedJson } from './checked-json.ts';
import { checksum } from './checksum.ts';

// A line an entry: `<hash> <json>`. The hash is of the hash of the line before, a space, and the JSON; so whoever alters,
// removes or slips in a line has to write all that follow anew, and the last hash is another one.

const ENTRY = Type.Object({
  entry: Type.Integer({ minimum: 1 }),
  at: Type.String(),
  who: Type.String(),
  what: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
});

/** Characters of a hash. */
const HASH = 64;

/** What stands for a line before the first. */
const NO_LINE = '0'.repeat(HASH);

/** The line of an entry, with its line break, and its mark. `previous`: the hash before it; null for the first. */
export function encodeEntry(
  entry: AuditEntry,
  previous: string | null,
): { readonly line: string; readonly mark: AuditMark } {
  const json = JSON.stringify(entry);
  const hash = checksum(`${previous ?? NO_LINE} ${json}`);
  return { line: `${hash} ${json}\n`, mark: { entry: entry.entry, hash } };
}

/** One thing that is wrong with the log. */
export interface AuditProblem {
  /** Counts from 1. */
  readonly line: number;
  /** Completes the sentence "it …". */
  readonly reason: string;
}

/** What the text of a log says. */
export interface AuditText {
  readonly problems: readonly AuditProblem[];
  /** Of the last line, as it says; null where there is none. */
  readonly last: AuditMark | null;
  /** Bytes of the whole lines. What follows is an append that was killed, or is under way. */
  readonly whole: number;
}

/** Reads a log and checks its chain. A line that does not fit is a problem of its own: the next is held against what it says. */
export function decodeAudit(bytes: Buffer): AuditText {
  const { whole, lines } = linesOf(bytes);
  const problems: AuditProblem[] = [];
  let previous: string | null = null;
  for (const [at, text] of lines.entries()) {
    const line = at + 1;
    const [hash, json] = [text.slice(0, HASH), text.slice(HASH + 1)];
    const checked = checkedJson(ENTRY, json);
    if (checksum(`${previous ?? NO_LINE} ${json}`) !== hash || text[HASH] !== ' ') {
      problems.push({ line, reason: 'does not follow from the line before it: one of them was altered or removed' });
    } else if ('reason' in checked) problems.push({ line, reason: checked.reason });
    else if (checked.value.entry !== line) problems.push({ line, reason: `says it is entry ${checked.value.entry}` });
    previous = hash;
  }
  return { problems, last: previous === null ? null : { entry: lines.length, hash: previous }, whole };
}

/** The entries of a log, in order, whether they fit the chain or not; what is no entry is left out. */
export function decodeEntries(bytes: Buffer): AuditEntry[] {
  return linesOf(bytes).lines.flatMap((text) => {
    const checked = checkedJson(ENTRY, text.slice(HASH + 1));
    return 'value' in checked ? [checked.value] : [];
  });
}

function linesOf(bytes: Buffer): { readonly whole: number; readonly lines: readonly string[] } {
  const whole = bytes.lastIndexOf('\n') + 1;
  return { whole, lines: bytes.toString('utf8', 0, whole).split('\n').slice(0, -1) };
}
