import { readFile, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { ABSENT_PROGRAMS } from '../../src/lab/programs.ts';
import { entriesOf } from '../support/audit-entries.ts';
import { fakeIo, screenAfter } from '../support/fake-io.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const catalogue = createCatalogue({ shape: 'small' });

// All but line ends: what moves a cursor has no place in a pipe.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

/** An OfficeScan server with release 3, and the variables of a relay with an empty store that mirrors it. */
async function site(t: Test) {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: catalogue.release(3) });
  return { lab, env: await relayEnv(t, lab.url) };
}

t.test('in a pipe: what it does on standard error, what came of it on standard output, in plain lines', async (t) => {
  const { lab, env } = await site(t);
  const first = await runCommand(['update'], { env });
  t.equal(first.code, 0);
  t.notMatch(first.stdout + first.stderr, CONTROL);
  t.match(first.stdout.split('\n'), [
    `Generation 1 published from ${lab.componentsUrl}.`,
    /^ {2}fetched {2}\d+ objects, \d+\.\d KiB in \d+\.\d s \(\d+\.\d [KM]iB\/s\)$/,
    /^ {2}reused {3}0 objects that were here already$/,
  ]);
  for (const path of ABSENT_PROGRAMS)
    t.match(first.stdout, `  absent   ${path}: named by the index, but not to be had`);
  t.match(first.stderr, `Asking for the index from ${lab.componentsUrl}\n`);
  t.match(first.stderr, `Fetching from ${lab.componentsUrl}: 0 %`);

  const again = await runCommand(['update'], { env });
  t.equal(again.code, 0);
  t.equal(again.stdout, `No change at ${lab.componentsUrl}: generation 1 is current.\n`);

  lab.publish(catalogue.release(4));
  const next = await runCommand(['update'], { env });
  t.match(next.stdout, /^Generation 2 published from .*\n {2}fetched .*\n {2}reused {3}[1-9]\d* objects/);
});

t.test('--json is the outcome for programs, and nothing else on standard output', async (t) => {
  const { lab, env } = await site(t);
  const published = await runCommand(['update', '--json'], { env });
  const { absent, ...outcome } = JSON.parse(published.stdout) as { absent: string[] };
  t.match(outcome, {
    result: 'published',
    generation: 1,
    source: lab.componentsUrl,
    reused: 0,
    bytes: lab.bytesSent,
  });
  t.strictSame(new Set(absent), new Set(ABSENT_PROGRAMS));
  const unchanged = await runCommand(['update', '--json'], { env });
  t.strictSame(JSON.parse(unchanged.stdout), { result: 'unchanged', source: lab.componentsUrl, generation: 1 });
});

t.test('on a terminal: bars while it fetches, gone when the summary comes', async (t) => {
  const { lab, env } = await site(t);
  lab.faults.on({ kind: 'slow', bytesPerSecond: 100_000, match: (path) => path.endsWith('vsapi989.zip') });
  const io = fakeIo({ isTerminal: true, columns: () => 120 });
  const { code, stdout, stderr } = await runCommand(['update'], { env, io });
  t.equal(code, 0);
  t.match(stdout, /^Generation 1 published/);
  t.notMatch(stdout, CONTROL);
  t.match(stderr, /▕█*▉*[▏▎▍▌▋▊▉ ]*▏ +\d+ %/u, 'a bar was drawn');
  t.match(stderr, '  pattern/vsapi989.zip  ', 'with what is under way');
  t.strictSame(screenAfter(stderr), { lines: [], cursor: true }, 'all of it was taken away, and the cursor given back');
});

t.test('--dry-run says what would change and how much would come, and fetches nothing but the index', async (t) => {
  const { lab, env } = await site(t);
  const fresh = await runCommand(['update', '--dry-run'], { env });
  t.equal(fresh.code, 0);
  t.equal(fresh.stderr, '');
  t.strictSame(
    lab.requests.map(({ path }) => path),
    ['server.ini'],
  );
  t.match(fresh.stdout, /^COMPONENT +NAME +CHANGE +BEFORE +AFTER +BYTES\n/);
  t.match(
    fresh.stdout,
    /^P\.4 +Virus Pattern +new +– +19\.989\.00 +\d+\.\d KiB$/m,
    'versions as administrators read them',
  );
  t.match(fresh.stdout, `\nFrom ${lab.componentsUrl}\n`);
  t.match(fresh.stdout, /\n {2}to fetch {2}\d+ objects, \d+\.\d KiB; up to \d+ signatures besides\n/);

  await runCommand(['update'], { env });
  const current = await runCommand(['update', '--dry-run'], { env });
  t.equal(current.stdout, `No change at ${lab.componentsUrl}: an update would fetch nothing.\n`);

  lab.publish(catalogue.release(4));
  const { stdout } = await runCommand(['update', '--dry-run', '--json'], { env });
  const plan = JSON.parse(stdout) as { changes: { id: string }[]; fetch: { bytes: number | null }[]; bytes: number };
  t.match(plan, { source: lab.componentsUrl, unchanged: false });
  t.match(
    plan.changes.find(({ id }) => id === 'P.4'),
    { change: 'changed', before: '1998900', after: '1999100' },
  );
  t.equal(
    plan.bytes,
    plan.fetch.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  );
});

t.test('an index that goes back is taken with a reason only', async (t) => {
  const { lab, env } = await site(t);
  await runCommand(['update'], { env });
  lab.publish(catalogue.release(2));
  const refused = await runCommand(['update'], { env });
  t.equal(refused.code, 1);
  t.match(
    refused.stderr,
    /RLY_UPDATE_NO_SOURCE: .*server\.ini is older than what was published before: found P\.4 1998700.*, expected at least P\.4 1998900/,
  );
  const why = ['--allow-older', '--reason', 'the vendor took 3 back'];
  const plan = await runCommand(['update', '--dry-run', ...why], { env });
  t.match(plan.stdout, /^P\.4 +Virus Pattern +changed +19\.989\.00 +19\.987\.00 /m);
  const taken = await runCommand(['update', ...why], { env });
  t.equal(taken.code, 0);
  t.match(taken.stdout, /^Generation 2 published/);
  const audit = await readFile(join(String(env['RELAY_STORAGE__PATH']), 'audit'), 'utf8');
  t.match(audit, /"who":"relay update as user \d+","what":"an update that may go back: the vendor took 3 back"/);
  t.equal(audit.match(/may go back/g)?.length, 1, 'and looking at the plan changed nothing');
});

t.test('bug: an update without a relay was in no audit log; now its beginning is, and what came of it', async (t) => {
  const { lab, env } = await site(t);
  await runCommand(['update'], { env });
  await runCommand(['update'], { env });
  lab.faults.on({ kind: 'status', status: 403 });
  t.equal((await runCommand(['update'], { env })).code, 1);
  t.equal((await runCommand(['update', '--dry-run'], { env })).code, 1);
  const audit = join(String(env['RELAY_STORAGE__PATH']), 'audit');
  const who = `relay update as user ${process.getuid?.()}`;
  const [began, ended] = [
    { who, what: 'an update', after: null },
    { who, what: 'the end of an update' },
  ];
  t.match(entriesOf(await readFile(audit, 'utf8')), [
    { ...began, before: { generation: null } },
    { ...ended, before: { generation: null }, after: { generation: 1, result: 'published' } },
    { ...began, before: { generation: 1 } },
    { ...ended, before: { generation: 1 }, after: { generation: 1, result: 'unchanged' } },
    { ...began, before: { generation: 1 } },
    { ...ended, before: { generation: 1 }, after: { generation: 1, error: /^RLY_UPDATE_NO_SOURCE: .*403/ } },
  ]);
  t.equal(entriesOf(await readFile(audit, 'utf8')).length, 6, 'and looking at the plan changed nothing');
  t.match(await runCommand(['verify'], { env }), { code: 0, stdout: /all is right/ });

  lab.faults.clear();
  await rm(audit);
  await symlink('/dev/null', audit);
  const unnoted = await runCommand(['update'], { env });
  t.equal(unnoted.code, 0, 'where it cannot be noted it is made all the same');
  t.match(unnoted.stderr, /^relay: relay update as user \d+: an update; this is in no audit log: RLY_STORAGE_\w+: /m);
  const why = ['--allow-older', '--reason', 'the vendor took 3 back'];
  const refused = await runCommand(['update', ...why], { env });
  t.equal(refused.code, 78, 'but for what only a person may allow');
  t.match(refused.stderr, /^relay: RLY_STORAGE_FORMAT: .*its audit log/m);
});

t.test('allowing without a reason, or a reason for nothing, is a mistake of the one who types', async (t) => {
  const { lab, env } = await site(t);
  for (const args of [['--allow-older'], ['--allow-shrink', '--reason', ' '], ['--reason', 'just so']]) {
    const { code, stderr } = await runCommand(['update', ...args], { env });
    t.equal(code, 64);
    t.match(stderr, /^relay: RLY_USAGE: .*an older or a smaller index.*relay update --help/);
  }
  t.strictSame(lab.requests, []);
});

t.test('failures', async (t) => {
  t.test('a source that nobody reaches is 69, with its URL', async (t) => {
    const url = `http://127.0.0.1:${await freePort()}/officescan`;
    const env = await relayEnv(t, url);
    const { code, stdout, stderr } = await runCommand(['update'], { env });
    t.equal(code, 69);
    t.equal(stdout, '');
    t.match(stderr, `relay: RLY_UPDATE_NO_SOURCE: no update source could serve this update. Tried ${url}/download`);
    t.match(stderr, 'refused the connection');
    t.equal((await runCommand(['update', '--dry-run'], { env })).code, 69);
  });

  t.test('a source that answers a login page was reached: 1, with how it begins', async (t) => {
    const { lab, env } = await site(t);
    lab.faults.on({ kind: 'portal' });
    const { code, stderr } = await runCommand(['update'], { env });
    t.equal(code, 1);
    t.match(stderr, /relay: RLY_UPDATE_NO_SOURCE: .*this is not a server\.ini: .*begins with/);
  });

  t.test('a store that is full is 74, and says what to change', async (t) => {
    const { env } = await site(t);
    // No disk has so much: the first byte is one too many.
    const { code, stderr } = await runCommand(['update'], { env: { ...env, RELAY_STORAGE__MIN_FREE: '1000TiB' } });
    t.equal(code, 74);
    t.match(stderr, /relay: RLY_STORAGE_FULL: no room for \d+ bytes in /);
    t.match(stderr, 'storage.minFree');
  });

  t.test('a folder that is no store is 78, and is left alone', async (t) => {
    const { env } = await site(t);
    const path = t.testdir({ 'letters.txt': 'not ours' });
    const { code, stderr } = await runCommand(['update'], { env: { ...env, RELAY_STORAGE__PATH: path } });
    t.equal(code, 78);
    t.match(stderr, `relay: RLY_STORAGE_FORMAT: ${path} cannot be the store`);
    t.ok(await stat(`${path}/letters.txt`));
  });
});

t.test('bug: Ctrl-C was reported as a bug of the relay', async (t) => {
  for (const args of [['update'], ['update', '--dry-run']]) {
    const { lab, env } = await site(t);
    const stop = new AbortController();
    lab.faults.on({ kind: 'silent', match: 'server.ini' });
    const ended = runCommand(args, { env, signal: stop.signal });
    while (lab.requests.length === 0) await new Promise(setImmediate);
    stop.abort('SIGINT');
    const { code, stdout, stderr } = await ended;
    t.equal(code, 1);
    t.equal(stdout, '');
    t.match(
      stderr,
      /relay: RLY_INTERRUPTED: SIGINT ended the command before it was done\. What had come whole is kept\./,
    );
    t.notMatch(stderr, 'RLY_INTERNAL');

    lab.faults.clear();
    t.equal((await runCommand(['update'], { env })).code, 0, 'the store was given free');
  }
});
