import t from 'tap';
import { linesOf, readLine, trimBlanks } from '../../src/manifest/lines.ts';

function places(text: string): [number, string][] {
  const bytes = Buffer.from(text);
  return [...linesOf(bytes)].map(({ number, start, end }) => [number, bytes.toString('utf8', start, end)]);
}

t.test('lines end with LF or CRLF, and the last one need not end', async (t) => {
  t.strictSame(places('a\nb\r\n\nc'), [
    [1, 'a'],
    [2, 'b'],
    [3, ''],
    [4, 'c'],
  ]);
  t.strictSame(places('a\n'), [[1, 'a']]);
  t.strictSame(places('\n\r\n'), [
    [1, ''],
    [2, ''],
  ]);
  t.strictSame(places(''), []);
});

t.test('a CR that no LF follows stays in its line', async (t) => {
  t.strictSame(places('a\rb\nc\r'), [
    [1, 'a\rb'],
    [2, 'c\r'],
  ]);
});

t.test('a byte order mark is not part of the first line, and no other mark is taken for one', async (t) => {
  t.strictSame(places('\ufeffa\nb'), [
    [1, 'a'],
    [2, 'b'],
  ]);
  t.strictSame(places('a\n\ufeffb')[1], [2, '\ufeffb']);
  t.strictSame(places('\ufeff'), []);
});

t.test('a line is nothing, a section, an entry or flawed', async (t) => {
  for (const text of ['', ' \t ', ';', '; [Server]', '  ;a=b']) t.strictSame(readLine(text), { type: 'nothing' }, text);
  for (const text of ['[Server]', '  [ Server ]\t', '[Server];note', '[Server] ; note']) {
    t.strictSame(readLine(text), { type: 'section', name: 'Server' }, text);
  }
  t.strictSame(readLine('P.4 = a, 1 , 2 '), { type: 'entry', key: 'P.4', value: 'a, 1 , 2' });
  t.strictSame(readLine('a=b=c'), { type: 'entry', key: 'a', value: 'b=c' });
  t.strictSame(readLine('EngineType='), { type: 'entry', key: 'EngineType', value: '' });
  for (const text of ['[]', '[ ]', '[Server', '[Server]x', '[']) {
    t.match(readLine(text), { type: 'flaw', found: text, expected: /section/ }, text);
  }
  for (const text of ['word', '=value', ' = ']) t.match(readLine(text), { type: 'flaw', expected: /key=value/ }, text);
});

t.test('blanks are spaces and tabs only: what agents may take for text is text', async (t) => {
  t.equal(trimBlanks(' \t a b \t'), 'a b');
  t.equal(trimBlanks(' \t '), '');
  t.equal(trimBlanks(''), '');
  for (const mark of ['\u00a0', '\ufeff', '\u2003']) {
    t.equal(trimBlanks(`${mark}a${mark}`), `${mark}a${mark}`);
    t.match(readLine(`${mark}[PATTERN]`), { type: 'flaw' }, 'a header behind it is none');
  }
});
