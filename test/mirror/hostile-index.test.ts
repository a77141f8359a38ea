import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import type { Release } from '../../src/lab/release.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { catalogue, mirrorBench } from '../support/mirror-bench.ts';
import { refusals } from '../support/refusals.ts';
import { trimmedRelease } from '../support/trimmed-release.ts';

const present = trimmedRelease(catalogue.release(1), ['P.4', 'E.10']);
const later = trimmedRelease(catalogue.release(2), ['P.4', 'E.10']);

/** The later release with other bytes for its index, whether they are an index or not. */
function withIndex(bytes: Buffer): Release {
  const file = later.files.get('server.ini');
  if (!file) throw new Error('a release has an index');
  const hostile = { ...file, size: bytes.length, etag: '"hostile"', read: async () => bytes };
  return { ...later, index: bytes, files: new Map(later.files).set('server.ini', hostile) };
}

const text = later.index.toString('latin1');
/** With one more pattern, at this path. */
const naming = (path: string): Buffer => Buffer.from(text.replace('[ENGINE]', `P.9=${path}, 1, 5\n[ENGINE]`), 'latin1');
/** With a line after `[PATTERN]`. */
const saying = (line: string): Buffer => Buffer.from(text.replace('[PATTERN]\n', `[PATTERN]\n${line}\n`), 'latin1');

/** Paths that mean another place to somebody: to Windows, to a URL, to a shell, to a reader of logs. */
const PATHS: readonly string[] = [
  '../../../../etc/cron.d/relay',
  '..',
  './a.zip',
  'pattern/../../a.zip',
  'pattern/..',
  'pattern/./a.zip',
  '/etc/passwd',
  '//evil.example/a.zip',
  'pattern//a.zip',
  'pattern/',
  '\\\\evil\\share\\a.zip',
  '..\\..\\a.zip',
  'pattern\\a.zip',
  'C:\\Windows\\a.zip',
  'C:a.zip',
  'a.zip:stream',
  'http://evil.example/a.zip',
  'https:a.zip',
  'file:///etc/passwd',
  '%2e%2e/%2e%2e/a.zip',
  'pattern/%2f..%2fa.zip',
  'pattern/a.zip?x=/../',
  'pattern/a.zip#x',
  'pattern/a\u0000.zip',
  'pattern/a\u001b[2J.zip',
  'pattern/a\u0085.zip',
  'pattern/a\u00c0\u00af.zip',
  `pattern/${'a'.repeat(2000)}.zip`,
];

const SIZES = ['0', '-1', '+1', '0x10', '1e3', '1.5', '', ' ', 'five', '99999999999', '9'.repeat(400), '5;rm -rf /'];

const INDEXES: readonly [what: string, bytes: Buffer, codes: RegExp][] = [
  ...PATHS.map((path): [string, Buffer, RegExp] => [
    `names ${JSON.stringify(path.slice(0, 40))}`,
    naming(path),
    /^RLY_MANIFEST_(PATH|SYNTAX)$/,
  ]),
  ...SIZES.map((size): [string, Buffer, RegExp] => [
    `gives ${JSON.stringify(size.slice(0, 20))} for a size`,
    saying(`P.9=pattern/a.zip, 1, ${size}`),
    /^RLY_MANIFEST_(SIZE|SYNTAX)$/,
  ]),
  ['is empty', Buffer.alloc(0), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is one line end', Buffer.from('\n'), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is a web page', Buffer.from('<!DOCTYPE html><html><body>sign in</body></html>'), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is JSON', Buffer.from('{"error":"not found"}'), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is XML', Buffer.from('<?xml version="1.0"?><index/>'), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le'), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is UTF-16 the other way round', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is a ZIP', await later.file('pattern/vsapi987.zip'), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['is zeros', Buffer.alloc(100_000), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['lists nothing', Buffer.from('[Common]\n[PATTERN]\n[ENGINE]\n'), /^RLY_MANIFEST_NOT_AN_INDEX$/],
  ['lists a pattern twice', saying('P.4=pattern/a.zip, 1, 5'), /^RLY_MANIFEST_DUPLICATE$/],
  ['lists a pattern twice, in another case', saying('p.4=pattern/a.zip, 1, 5'), /^RLY_MANIFEST_DUPLICATE$/],
  ['gives one path two sizes', saying('P.9=pattern/vsapi987.zip, 1, 5'), /^RLY_MANIFEST_CONFLICT$/],
  ['gives one path two sizes, in another case', saying('P.9=PATTERN/VSAPI987.ZIP, 1, 5'), /^RLY_MANIFEST_CONFLICT$/],
  ['has __proto__ for a key', saying('__proto__=x'), /^RLY_MANIFEST_SYNTAX$/],
  ['has a section __proto__', saying('[__proto__]'), /^RLY_MANIFEST_SYNTAX$/],
  ['counts more than it lists', saying('P.800.MergeCount=3'), /^RLY_MANIFEST_COUNT$/],
  ['counts a billion', saying('P.800.MergeCount=1000000000'), /^RLY_MANIFEST_COUNT$/],
  ['has a line of 20 KiB', saying(`;${'x'.repeat(20_000)}`), /^RLY_MANIFEST_LIMIT$/],
  [
    'has 20,001 entries',
    saying(Array.from({ length: 20_001 }, (_, n) => `X${n}=1`).join('\n')),
    /^RLY_MANIFEST_LIMIT$/,
  ],
  [
    'lists more than the disk may have',
    saying(Array.from({ length: 30 }, (_, n) => `P.9${n}=pattern/huge${n}.zip, 1, 2000000000`).join('\n')),
    /^RLY_MANIFEST_TOO_LARGE$/,
  ],
  ['has a control character', saying('P.9=pattern/a.zip, 1\u0007, 5'), /^RLY_MANIFEST_SYNTAX$/],
  ['has 9 MiB', Buffer.from(`${text}\n${';\n'.repeat(4.5 * 2 ** 20)}`, 'latin1'), /^RLY_UPSTREAM_SIZE$/],
];

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).filter((name) => !name.startsWith('store/tmp')).sort();
}

t.test('an index that', async (t: Test) => {
  // Deep enough that a path which climbs could land in what is looked at.
  const path = join(temporaryFolder(t), 'store');
  const bench = await mirrorBench(t, { path, release: present, programs: false });
  const { lab, mirror, store } = bench;
  await mirror.update('schedule');
  const current = store.generations.current();
  const before = await namesIn(dirname(path));

  for (const [what, bytes, codes] of INDEXES) {
    await t.test(`${what} changes nothing`, async (t) => {
      lab.publish(withIndex(bytes));
      lab.reset();
      const [error] = await refusals(mirror.update('administrator'));
      t.match(error?.code, codes, String(error));
      t.ok(error?.message.includes('server.ini'), 'it names the file');
      // oxlint-disable-next-line no-control-regex
      t.notMatch(error?.line, /[\u0000-\u001f\u007f-\u009f]/, 'it can be printed');
      t.strictSame(
        lab.requests.map((request) => request.path),
        ['server.ini'],
        'nothing else was asked for',
      );
      t.equal(store.generations.current(), current);
      t.strictSame(await namesIn(dirname(path)), before, 'no file came or went');
    });
  }

  lab.publish(later);
  t.match(await mirror.update('administrator'), { result: 'published' }, 'and a proper one is taken as ever');
});
