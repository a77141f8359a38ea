/** How one drill went. */
export interface Drill {
  readonly name: string;
  /** How many times it was gone through; null where chance has no part in it. */
  readonly rounds: number | null;
  /** `passed`, `FAILED`, or why it was skipped. */
  readonly result: string;
  readonly ms: number | null;
}

const SUBTEST = /^# Subtest: (.*)$/;
const ROUNDS = /^ +# rounds: (\d+)$/;
const END = /^(not )?ok \d+ - (.*?)(?: # SKIP(.*)| # time=([\d.]+)ms)?(?: \{)?$/;

/** Reads the tests of the outermost level from what a test file printed (TAP 14). `passed`: how its process ended. */
export function readDrills(tap: string, passed: boolean): Drill[] {
  const drills: Drill[] = [];
  let rounds: number | null = null;
  for (const line of tap.split('\n')) {
    if (SUBTEST.test(line)) rounds = null;
    const [, count] = ROUNDS.exec(line) ?? [];
    if (count !== undefined) rounds = Number(count);
    const [end, failed, name = '', skipped, time] = END.exec(line) ?? [];
    if (end === undefined) continue;
    const result = failed ? 'FAILED' : skipped === undefined ? 'passed' : `skipped: ${skipped.trim()}`;
    drills.push({ name, rounds, result, ms: time === undefined ? null : Number(time) });
    rounds = null;
  }
  // A file that died said nothing of how.
  if (passed || drills.some(({ result }) => result === 'FAILED')) return drills;
  return [...drills, { name: 'the file itself', rounds: null, result: 'FAILED', ms: null }];
}
