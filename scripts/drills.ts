// `npm run drills`: the drills of test/crash in their long form, and a table of how they went.
//   npm run drills                  every drill, those of chance 300 times
//   npm run drills -- 50 flight     50 times, of the files with `flight` in their name
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { formatDuration } from '../src/terminal/duration.ts';
import { processIo } from '../src/terminal/io.ts';
import { table } from '../src/terminal/table.ts';
import { readDrills, type Drill } from './read-drills.ts';

const root = join(import.meta.dirname, '..');
const output = join(root, '.tap', 'drills');
const HUNDREDS = '300';

const args = process.argv.slice(2);
const rounds = args.find((arg) => /^\d+$/.test(arg)) ?? HUNDREDS;
const words = args.filter((arg) => arg !== rounds);
const files = globSync('test/crash/*.test.ts', { cwd: root }).filter((file) =>
  words.every((word) => file.includes(word)),
);

mkdirSync(output, { recursive: true });
const rows: (Drill & { readonly file: string })[] = [];
for (const file of files) {
  const name = basename(file, '.test.ts');
  process.stderr.write(`${name} …\n`);
  const env = { ...process.env, RELAY_DRILL_ROUNDS: rounds };
  const { stdout, status } = spawnSync(process.execPath, [file], {
    cwd: root,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  writeFileSync(join(output, `${name}.tap`), stdout);
  for (const drill of readDrills(stdout, status === 0)) rows.push({ ...drill, file: name });
}

process.stdout.write(
  table(
    rows,
    [
      { title: 'FILE', value: ({ file }) => file },
      { title: 'DRILL', value: ({ name }) => name },
      { title: 'ROUNDS', value: (drill) => drill.rounds },
      { title: 'RESULT', value: ({ result }) => result },
      { title: 'TIME', value: ({ ms }) => (ms === null ? null : formatDuration(ms)), align: 'right' },
    ],
    processIo(),
  ),
);
const failed = rows.filter(({ result }) => result === 'FAILED');
const where = failed.length > 0 ? `; what they said is in ${output}` : '';
process.stdout.write(`\n${rows.length} drills, ${failed.length} failed${where}\n`);
process.exit(failed.length > 0 || rows.length === 0 ? 1 : 0);
