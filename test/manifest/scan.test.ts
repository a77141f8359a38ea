import t from 'tap';
import { SCAN_LIMITS, scanSections } from '../../src/manifest/scan.ts';

const scan = (text: string) => scanSections(Buffer.from(text));

t.test('sections and entries keep their lines, their order and their case', async (t) => {
  const sections = scan('; a comment first\n\n[Common]\nB=1\na = 2\n[PATTERN]\nB=3\n');
  t.strictSame([...sections.keys()], ['common', 'pattern']);
  t.equal(sections.get('pattern')?.name, 'PATTERN');
  t.strictSame(
    [...(sections.get('common')?.entries ?? [])],
    [
      ['b', { key: 'B', value: '1', line: 4 }],
      ['a', { key: 'a', value: '2', line: 5 }],
    ],
  );
});

t.test('a header that comes again continues its section', async (t) => {
  const section = scan('[A]\nx=1\n[B]\n[a]\ny=2\n').get('a');
  t.equal(section?.name, 'A');
  t.strictSame([...(section?.entries.keys() ?? [])], ['x', 'y']);
});

t.test('what does not start with a section is no index, and its first characters are shown', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['', 'an empty file', /empty/],
    ['; only a comment\n', 'comments', /no \[section\]/],
    ['<!DOCTYPE html>\n<html>', 'a web page', /line 1 should be/],
    ['\n\n{"error":"nope"}', 'JSON', /line 3 should be/],
    ['a=b\n[PATTERN]\n', 'a key before any section', /line 1 should be/],
    ['[1, {\n', 'an opening bracket alone', /line 1 should be/],
    ['PK\u0003\u0004', 'a ZIP file', /line 1 should be/],
    [`<html>${' '.repeat(SCAN_LIMITS.line)}`, 'a web page in one long line', /line 1 should be/],
    ['[\u0000C\u0000', 'UTF-16 without a mark', /line 1 should be/],
  ];
  for (const [text, name, reason] of cases) {
    t.throws(() => scan(text), { code: 'RLY_MANIFEST_NOT_AN_INDEX', fields: { reason } }, name);
  }
  t.throws(() => scan('<html lang="en">'), { message: /it begins with "<html lang=\\"en\\">"/ });
});

t.test('UTF-16 is named as what it is', async (t) => {
  for (const mark of [
    [0xff, 0xfe],
    [0xfe, 0xff],
  ]) {
    t.throws(() => scanSections(Buffer.from([...mark, 0x5b, 0x00])), {
      code: 'RLY_MANIFEST_NOT_AN_INDEX',
      fields: { reason: /UTF-16/ },
    });
  }
});

t.test('a line that is none is refused with its number, what it is and what it should be', async (t) => {
  t.throws(() => scan('[A]\nx=1\n<br>\n'), {
    code: 'RLY_MANIFEST_SYNTAX',
    fields: { line: 3, found: '<br>', expected: /key=value/ },
  });
  t.throws(() => scan('[A]\r\n[B\r\n'), { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 2, found: '[B' } });
});

t.test('control characters are refused, tabs are spaces', async (t) => {
  for (const character of ['\u0000', '\u0008', '\u001b', '\u001f', '\u007f', '\r']) {
    t.throws(
      () => scan(`[A]\nx=1${character}2\n`),
      { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 2, expected: 'no control character' } },
      JSON.stringify(character),
    );
  }
  t.throws(() => scan('[A]\n;\u0007\n'), { code: 'RLY_MANIFEST_SYNTAX' }, 'in a comment too');
  t.equal(scan('[A]\n\tx\t=\t1\t\n').get('a')?.entries.get('x')?.value, '1');
});

t.test('text of another code page than UTF-8 does no harm', async (t) => {
  const sections = scanSections(Buffer.from('[A]\nProduct.3=B\xfcro\n', 'latin1'));
  t.equal(sections.get('a')?.entries.get('product.3')?.value, 'B\ufffdro');
});

t.test('a key that comes twice in a section is refused, however it is written', async (t) => {
  t.throws(() => scan('[A]\nkey=1\n[B]\nkey=1\n[A]\nKEY=2\n'), {
    code: 'RLY_MANIFEST_DUPLICATE',
    fields: { line: 6, found: 'KEY', section: 'A', first: 2 },
  });
});

t.test('__proto__ is refused as a key and as a section', async (t) => {
  t.throws(() => scan('[A]\n__proto__=1\n'), { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 2 } });
  t.throws(() => scan('[__Proto__]\n'), { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 1 } });
  t.equal(scan('[A]\nconstructor=1\n').get('a')?.entries.size, 1);
});

t.test('a line, the entries and the file each have a limit that can be reached and not passed', async (t) => {
  const longest = `x=${'y'.repeat(SCAN_LIMITS.line - 2)}`;
  t.equal(scan(`[A]\n${longest}\r\n`).get('a')?.entries.size, 1);
  t.throws(() => scan(`[A]\n${longest}y\n`), {
    code: 'RLY_MANIFEST_LIMIT',
    fields: { line: 2, found: '16385 bytes', expected: 'at most 16384 bytes' },
  });

  const most = `[A]\n${Array.from({ length: SCAN_LIMITS.entries - 1 }, (_, n) => `k${n}=1\n`).join('')}`;
  t.equal(scan(most).get('a')?.entries.size, SCAN_LIMITS.entries - 1);
  t.throws(() => scan(`${most}[B]\n`), { code: 'RLY_MANIFEST_LIMIT', fields: { line: 20_001, found: 'entry 20001' } });

  const file = Buffer.alloc(SCAN_LIMITS.file, ' \n');
  file.write('[A]\n');
  t.equal(scanSections(file).size, 1);
  t.throws(() => scanSections(Buffer.concat([file, Buffer.from('\n')])), {
    code: 'RLY_MANIFEST_LIMIT',
    fields: { found: 'a file of 8388609 bytes' },
  });
});
