import { spawnSync } from 'node:child_process';
import t from 'tap';
import { processIo, speaksUtf8 } from '../../src/terminal/io.ts';

const PROBE = `
  import { processIo } from ${JSON.stringify(new URL('../../src/terminal/io.ts', import.meta.url).href)};
  const { isTerminal, colour, unicode, columns, rows } = processIo();
  process.stdout.write(JSON.stringify({ isTerminal, colour, unicode, columns: columns(), rows: rows() }));
`;

/** The `Io` a process behind a pipe makes for itself in this environment. */
function probe(env: Record<string, string>): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', PROBE], {
    env,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

t.test('behind a pipe: no terminal, no colour, the width of a plain window', async (t) => {
  t.strictSame(probe({ LANG: 'C' }), { isTerminal: false, colour: false, unicode: false, columns: 80, rows: 24 });
});

t.test('FORCE_COLOR colours a pipe too, and a UTF-8 locale is seen', async (t) => {
  t.match(probe({ FORCE_COLOR: '1', LANG: 'de_DE.UTF-8' }), { isTerminal: false, colour: true, unicode: true });
});

t.test('the first locale variable that is not empty decides', async (t) => {
  t.ok(speaksUtf8({ LC_ALL: '', LC_CTYPE: 'C.utf8', LANG: 'C' }));
  t.notOk(speaksUtf8({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }));
  t.notOk(speaksUtf8({}));
});

t.test('it writes to the streams of this process', async (t) => {
  t.equal(processIo().stdout, process.stdout);
  t.equal(processIo().stderr, process.stderr);
});
