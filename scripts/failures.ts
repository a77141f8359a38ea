// What failed in a run of the suite, for people who have only the run's output.
import { Parser, type FinalResults, type Result } from 'tap-parser';
import { stringify } from 'yaml';

/** One thing that failed. */
export interface Failure {
  /** The names from the file inwards: `test/a.test.ts > outer > should be equal`. */
  readonly name: string;
  /** The runner's diagnosis as YAML; empty where it gave none. */
  readonly diagnosis: string;
}

/** The failed assertions of a TAP text, and the files that failed without one (a crash, a time-out). */
export function failuresOf(tapText: string): Failure[] {
  const failed: Failure[] = [];
  const files: Failure[] = [];
  watch(new Parser(), failed, files).end(tapText);
  const unexplained = files.filter(({ name: file }) => !failed.some(({ name }) => name.startsWith(`${file} > `)));
  return [...failed, ...unexplained];
}

/** A subtest's closing line repeats what its own assertions said: it tells news only at the level of the file. */
function watch(parser: Parser, failed: Failure[], closings: Failure[]): Parser {
  parser.on('child', (child: Parser) => void watch(child, failed, []));
  parser.on('assert', (result: Result) => {
    if (!result.ok && result.todo === false && result.skip === false) {
      (result.closingTestPoint ? closings : failed).push(describe(result));
    }
  });
  parser.on('complete', ({ failures }: FinalResults) => {
    for (const failure of failures)
      if (!('fullname' in failure)) failed.push({ name: `${parser.fullname} > ${failure.tapError}`, diagnosis: '' });
  });
  return parser;
}

function describe({ fullname, diag }: Result): Failure {
  return { name: fullname, diagnosis: diag === null ? '' : stringify(diag).trimEnd() };
}
