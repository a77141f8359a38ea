import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AgentReport } from '../../src/agent/report.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { fakeIo } from '../support/fake-io.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { temporaryFolder } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const catalogue = createCatalogue({ shape: 'small' });
const release = catalogue.release(3);

function source(t: Test): Promise<LabServer> {
  return labServerFor(t, { kind: 'activeUpdate', release });
}

t.test('a new agent takes everything, and says what came in a table', async (t) => {
  const { url } = await source(t);
  const { code, stdout, stderr } = await runCommand(['agent', '--source', `${url}/`]);
  t.equal(code, 0);
  const lines = stdout.split('\n');
  t.match(lines[0], /^COMPONENT +NAME +BEFORE +AFTER +BY +BYTES +SIGNED +SHA-256$/);
  t.match(stdout, /^P\.4 +Virus Pattern +– +19\.989\.00 +full +\d+\.\d KiB +yes +[0-9a-f]{12}$/m);
  t.match(
    stdout,
    new RegExp(`\nUpdated from ${url}: 9 full, 0 incremental, 0 current already; \\d+\\.\\d KiB in .* s\\.\n$`),
  );
  t.match(stderr, `Updating from ${url}: 0 %, 0 of 9`);
});

t.test('--json is the whole report, with nothing beside it', async (t) => {
  const { url } = await source(t);
  const { code, stdout } = await runCommand(['agent', '--source', url, '--json', '--only', 'engines']);
  t.equal(code, 0);
  const report = JSON.parse(stdout) as AgentReport;
  t.match(report, { source: url, attempts: [{ source: url, error: null }], totals: { full: 3, incremental: 0 } });
  t.strictSame(
    report.components.map(({ id }) => id),
    ['E.10', 'E.1000', 'E.49000111'],
  );
  t.match(report.components[0], { path: 'engine/ntkd12600.zip', sha256: /^[0-9a-f]{64}$/ });
});

t.test('--only takes several kinds, with blanks', async (t) => {
  const { url } = await source(t);
  const { stdout } = await runCommand(['agent', '--source', url, '--json', '--only', 'patterns, programs']);
  const { components } = JSON.parse(stdout) as AgentReport;
  const kinds = new Set(components.map(({ id }) => id.split(/[._]/)[0]));
  t.strictSame(kinds, new Set(['P', 'Info']));
});

t.test('--have: an agent a release behind takes an incremental; what it has it does not take', async (t) => {
  const { url } = await source(t);
  const before = catalogue.release(2).versions.get('P.4');
  const engine = release.versions.get('E.10');
  const args = ['agent', '--source', url, '--json', '--have', `P.4=${before}`, '--have', `E.10=${engine}`];
  const { components } = JSON.parse((await runCommand(args)).stdout) as AgentReport;
  t.match(
    components.find(({ id }) => id === 'P.4'),
    { before, after: release.versions.get('P.4'), how: 'incremental', path: 'pattern/v_987.989' },
  );
  t.match(
    components.find(({ id }) => id === 'E.10'),
    { how: 'current', path: null },
  );
});

t.test('--out keeps the files; the second run is current, the one after the next release incremental', async (t) => {
  const lab = await source(t);
  const out = join(await temporaryFolder(t), 'agent');
  const args = ['agent', '--source', lab.url, '--out', out];
  t.match((await runCommand(args)).stdout, ': 9 full, 0 incremental, 0 current already');
  t.strictSame(await readFile(join(out, 'pattern/vsapi989.zip')), await release.file('pattern/vsapi989.zip'));

  const second = await runCommand(args);
  t.match(second.stdout, new RegExp(`^Updated from ${lab.url}: 0 full, 0 incremental, 9 current already`));

  lab.publish(catalogue.release(4));
  const third = await runCommand(args);
  t.match(third.stdout, /^P\.4 +Virus Pattern +19\.989\.00 +19\.991\.00 +incremental /m);
});

t.test('the next source when one fails, and the report says why', async (t) => {
  const down = `http://127.0.0.1:${await freePort()}/activeupdate`;
  const { url } = await source(t);
  const { code, stdout } = await runCommand(['agent', '--source', down, '--source', url]);
  t.equal(code, 0);
  t.match(stdout, `\nFailed   ${down}/server.ini refused the connection`);
  t.match(stdout, `\nUpdated from ${url}: `);
});

t.test('on a terminal the report takes the place of the bars', async (t) => {
  const { url } = await source(t);
  const io = fakeIo({ isTerminal: true, columns: () => 100, colour: true });
  const { code, stdout, stderr } = await runCommand(['agent', '--source', url], { io });
  t.equal(code, 0);
  t.match(stderr, '\u001b[?25h', 'the cursor was given back');
  t.match(stdout, '\u001b[1mCOMPONENT');
});

t.test('failures', async (t) => {
  t.test('of all sources: 69 where nobody reached one, 1 where one answered wrongly', async (t) => {
    const down = `http://127.0.0.1:${await freePort()}/activeupdate`;
    const unreachable = await runCommand(['agent', '--source', down]);
    t.equal(unreachable.code, 69);
    t.match(
      unreachable.stderr,
      `relay: RLY_AGENT_NO_SOURCE: none of the 1 sources could bring this agent up to date: ${down}`,
    );

    const lab = await source(t);
    lab.faults.on({ kind: 'portal' });
    const wrong = await runCommand(['agent', '--source', down, '--source', lab.url]);
    t.equal(wrong.code, 1);
    t.equal(wrong.stdout, '');
  });

  t.test('of the folder: 74', async (t) => {
    const { url } = await source(t);
    const out = t.testdir({ file: '' });
    const { code, stderr } = await runCommand(['agent', '--source', url, '--out', join(out, 'file')]);
    t.equal(code, 74);
    t.match(stderr, 'relay: RLY_AGENT_FOLDER: ');
  });

  t.test('of the one who asks: 64, with what was expected', async (t) => {
    const good = ['--source', 'http://127.0.0.1:1/activeupdate'];
    for (const [args, message] of [
      [[], '--source is missing: where should the agent update from?'],
      [['--source', 'relay:8080'], '--source relay:8080 is no http(s) URL'],
      [['--source', 'ftp://relay/activeupdate'], '--source ftp://relay/activeupdate is no http(s) URL'],
      [[...good, '--only', 'pattern'], '--only pattern: there is no such kind, only patterns, engines, programs'],
      [[...good, '--have', 'P.4'], '--have P.4: expected ID=VERSION, e.g. P.4=1724100'],
      [[...good, '--have', '=1'], '--have =1: expected ID=VERSION, e.g. P.4=1724100'],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(['agent', ...args]);
      t.equal(code, 64);
      t.equal(stdout, '');
      t.equal(stderr, `relay: RLY_USAGE: ${message}. Run \`relay agent --help\` to see what it takes.\n`);
    }
  });

  t.test('Ctrl-C ends it without a word of a bug', async (t) => {
    const lab = await source(t);
    lab.faults.on({ kind: 'silent', match: 'server.ini' });
    const stop = new AbortController();
    const ended = runCommand(['agent', '--source', lab.url], { signal: stop.signal });
    while (lab.requests.length === 0) await new Promise(setImmediate);
    stop.abort('SIGINT');
    const { code, stderr } = await ended;
    t.equal(code, 1);
    t.match(stderr, /relay: RLY_INTERRUPTED: SIGINT ended the command/);
  });
});
