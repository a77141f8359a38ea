import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Change } from '../../src/ports/audit.ts';
import type { AuditText } from '../../storage/audit-file.ts';
import { createAudit, verifyAudit } from '../../storage/audit-log.ts';
import { checksum } from '../../storage/checksum.ts';
import { type Layout, layoutOf } from '../../storage/layout.ts';
import { handClock } from '../support/hand-clock.ts';
import { openAt, temporaryFolder } from './store-folder.ts';

const change = (what: string): Change => ({ who: 'a test', what, before: null, after: { ä: '1\n2' } });

/** The log of a folder that is no store yet, and four entries in it. */
async function logOfFour(t: Test) {
  const layout = layoutOf(temporaryFolder(t));
  const clock = handClock();
  const audit = createAudit(layout, clock);
  for (const what of ['one', 'two', 'three', 'four']) await audit.note(change(what));
  const lines = () => readFileSync(layout.audit, 'utf8').split('\n').slice(0, -1);
  const rewrite = (edited: readonly string[]) =>
    writeFileSync(layout.audit, edited.map((line) => `${line}\n`).join(''));
  return { layout, clock, lines, rewrite, verify: () => verified(layout) };
}

async function verified(layout: Layout): Promise<AuditText> {
  const log = await verifyAudit(layout);
  if ('reason' in log) throw new Error(`it ${log.reason}`);
  return log.value;
}

t.test('an entry is a line: a hash, and JSON with number, time, who, what, before and after', async (t) => {
  const { layout, clock, lines, verify } = await logOfFour(t);
  const at = new Date(clock.now()).toISOString();
  t.strictSame(
    lines().map((line) => JSON.parse(line.slice(65))),
    [
      { entry: 1, at, ...change('one') },
      { entry: 2, at, ...change('two') },
      { entry: 3, at, ...change('three') },
      { entry: 4, at, ...change('four') },
    ],
  );
  t.strictSame(await createAudit(layout, clock).entries(), [
    { entry: 1, at, ...change('one') },
    { entry: 2, at, ...change('two') },
    { entry: 3, at, ...change('three') },
    { entry: 4, at, ...change('four') },
  ]);
  t.equal(statSync(layout.audit).mode & 0o777, 0o600);
  t.strictSame(await verify(), {
    problems: [],
    last: { entry: 4, hash: lines()[3]?.slice(0, 64) },
    whole: statSync(layout.audit).size,
  });
});

t.test('the commands in the guide check the chain too', async (t) => {
  const { layout, lines, rewrite } = await logOfFour(t);
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/operate.md'), 'utf8');
  const script = /```sh\n(previous=[^]*?)```/.exec(guide)?.[1] ?? 'exit 1';
  const check = () => execFileSync('bash', ['-euc', script.replace('/var/lib/relay/audit', layout.audit)]).toString();
  t.equal(check(), '');
  rewrite(lines().with(1, lines()[1]?.replace('two', 'TWO') ?? ''));
  t.match(check(), /^broken: .*TWO/);
});

t.test('entries noted at the same time stand one behind the other', async (t) => {
  const { layout, lines, verify } = await logOfFour(t);
  const audit = createAudit(layout, handClock());
  const marks = await Promise.all(['five', 'six', 'seven'].map((what) => audit.note(change(what))));
  t.strictSame(
    marks.map(({ entry }) => entry),
    [5, 6, 7],
  );
  t.strictSame((await verify()).last, marks[2]);
  t.equal(lines().length, 7);
});

t.test('whatever is altered, removed, slipped in or put in another order shows', async (t) => {
  const { lines, rewrite, verify } = await logOfFour(t);
  const [one = '', two = '', three = '', four = ''] = lines();
  const forged: [string, readonly string[], readonly number[]][] = [
    ['a word', [one, two.replace('two', 'TWO'), three, four], [2]],
    [
      'a word, and the hash of its line',
      [one, `${'a'.repeat(64)}${two.slice(64).replace('two', 'TWO')}`, three, four],
      [2, 3],
    ],
    ['a line gone', [one, three, four], [2, 3]],
    ['the first gone', [two, three, four], [1, 2, 3]],
    ['a line twice', [one, two, two, three, four], [3, 4, 5]],
    ['two in another order', [one, three, two, four], [2, 3, 4]],
    ['an empty line', [one, '', two, three, four], [2, 3, 4, 5]],
    ['rubbish at the end', [one, two, three, four, 'rubbish'], [5]],
  ];
  for (const [what, edited, expected] of forged) {
    rewrite(edited);
    const { problems } = await verify();
    t.strictSame(
      problems.map(({ line }) => line),
      expected,
      what,
    );
    for (const { reason } of problems) t.match(reason, /^(does not follow|says it is entry)/);
  }
});

t.test('that lines were cut off at the end shows by a mark that was kept', async (t) => {
  const { lines, rewrite, verify } = await logOfFour(t);
  const kept = (await verify()).last;
  rewrite(lines().slice(0, 3));
  const { problems, last } = await verify();
  t.strictSame(problems, []);
  t.not(last?.hash, kept?.hash);
});

t.test('a chain made anew by hand is still held against the shape of an entry', async (t) => {
  const { layout, verify } = await logOfFour(t);
  const json = '{"entry":1}';
  writeFileSync(layout.audit, `${checksum(`${'0'.repeat(64)} ${json}`)} ${json}\n`);
  t.match((await verify()).problems, [{ line: 1, reason: /^is of another shape/ }]);
});

t.test('an append that was killed is cut off before the next entry, and is no problem till then', async (t) => {
  const { layout, lines, verify } = await logOfFour(t);
  const [, , , four = ''] = lines();
  for (const torn of [four.slice(0, 30), four.slice(0, 100), four]) {
    appendFileSync(layout.audit, torn);
    t.strictSame((await verify()).problems, []);
    const before = lines().length;
    await createAudit(layout, handClock()).note(change('next'));
    t.equal(lines().length, before + 1);
    t.strictSame((await verify()).problems, []);
  }
});

t.test('after a break the log goes on, and the break stays to be seen', async (t) => {
  const { layout, lines, rewrite, verify } = await logOfFour(t);
  rewrite([...lines().slice(0, 3), 'rubbish']);
  const audit = createAudit(layout, handClock());
  const { entry } = await audit.note(change('next'));
  t.equal(entry, 5);
  t.strictSame(
    (await audit.entries()).map(({ what }) => what),
    ['one', 'two', 'three', 'next'],
  );
  t.strictSame(
    (await verify()).problems.map(({ line }) => line),
    [4],
  );
});

t.test('a log that is a link keeps nobody from serving, and takes no entry', async (t) => {
  const root = temporaryFolder(t);
  const target = join(temporaryFolder(t), 'target');
  writeFileSync(target, '');
  symlinkSync(target, join(root, 'audit'));
  const audit = createAudit(layoutOf(root), handClock());
  await t.rejects(audit.note(change('one')), {
    code: 'RLY_STORAGE_FORMAT',
    fields: { reason: 'its audit log is a link' },
  });
  await t.rejects(audit.entries(), { code: 'RLY_STORAGE_FORMAT' });
  t.strictSame(await verifyAudit(layoutOf(root)), { reason: 'is a link' });
  t.equal(readFileSync(target, 'utf8'), '');
});

t.test('it is part of the store, and goes on over restarts', async (t) => {
  const path = temporaryFolder(t);
  const first = await openAt(t, path);
  await first.audit.note(change('one'));
  await first.close();
  const second = await openAt(t, path);
  t.match(await second.audit.note(change('two')), { entry: 2 });
  t.strictSame(second.recovery.unknown, []);
  t.strictSame((await verified(layoutOf(path))).problems, []);
});

t.test('what disappears while it is open, or was never there, is no reason to stop', async (t) => {
  const { layout, verify } = await logOfFour(t);
  const audit = createAudit(layout, handClock());
  await audit.note(change('five'));
  truncateSync(layout.audit, 10);
  await audit.note(change('six'));
  t.ok((await verify()).problems.length > 0);
  rmSync(layout.audit);
  t.match(await verify(), { problems: [], last: null });
});
