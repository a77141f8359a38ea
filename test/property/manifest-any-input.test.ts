import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { isRelayError } from '../../src/errors/relay-error.ts';
import { parseManifest, type Manifest } from '../../src/manifest/manifest.ts';
import { canonicalPath, pathFlaw, signaturePaths } from '../../src/manifest/path.ts';
import { SCAN_LIMITS } from '../../src/manifest/scan.ts';
import { sampleIndex } from '../support/sample-index.ts';

/** Parses; a refusal is undefined, anything else that is thrown fails the property. */
function parseOrRefuse(bytes: Uint8Array): Manifest | undefined {
  try {
    return parseManifest(bytes);
  } catch (error) {
    if (isRelayError(error) && error.code.startsWith('RLY_MANIFEST_')) return undefined;
    throw error;
  }
}

/** What must hold of every manifest that was accepted, whatever the bytes were. */
function isSound({ bytes, components, programs, objects, totalSize }: Manifest, input: Uint8Array): boolean {
  const keys = new Set(objects.map(({ key }) => key));
  const named = [...components.flatMap(({ full, incrementals }) => [full, ...incrementals]), ...programs];
  return (
    bytes.equals(input) &&
    components.some(({ kind }) => kind === 'pattern') &&
    keys.size === objects.length &&
    named.every(({ key }) => keys.has(key)) &&
    objects.every(({ path, key }) => pathFlaw(path) === undefined && key === canonicalPath(path)) &&
    objects.every(({ size, line }) => Number.isSafeInteger(size) && size > 0 && line > 0) &&
    totalSize === objects.reduce((sum, { size }) => sum + size, 0) &&
    signaturePaths({ objects }).every(({ key }) => !keys.has(key))
  );
}

const soundOrRefused = (bytes: Uint8Array): boolean => {
  const manifest = parseOrRefuse(bytes);
  return manifest === undefined || isSound(manifest, bytes);
};

t.test('any bytes are a manifest or a refusal from the catalogue', async () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), soundOrRefused));
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => soundOrRefused(Buffer.from(text))));
});

t.test('so is any text made of the words of the format', async () => {
  const words = [
    '[PATTERN]',
    '[ENGINE]',
    '[Info_1_1_1_1]',
    'P.4',
    'P.',
    'E.10',
    '.Merge.',
    '.MergeCount',
    '1',
    '2',
    '0',
  ];
  const marks = [
    '=',
    ',',
    ', ',
    ';',
    '\n',
    '\n',
    '\r\n',
    '\r',
    '\t',
    '..',
    '/',
    '[',
    ']',
    '\ufeff',
    '__proto__',
    'Path',
  ];
  const text = fc.array(fc.constantFrom(...words, ...marks), { maxLength: 60 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (tail) => soundOrRefused(Buffer.from(`[PATTERN]\nP.1=a/b.zip, 1, 1\n${tail}`))),
    { numRuns: 1000 },
  );
});

t.test('an index with a few bytes changed is a sound manifest or a refusal', async (t) => {
  const sample = sampleIndex();
  const edit = fc.record({
    at: fc.nat(sample.length),
    remove: fc.nat(12),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom('\n', ',', '=', '[', ';', '../', '0', '[Server]\n').map((text) => Buffer.from(text)),
    ),
  });
  let accepted = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const bytes = edits.reduce<Uint8Array>(
        (whole, { at, remove, insert }) => Buffer.concat([whole.subarray(0, at), insert, whole.subarray(at + remove)]),
        sample,
      );
      const manifest = parseOrRefuse(bytes);
      if (manifest) accepted += 1;
      return manifest === undefined || isSound(manifest, bytes);
    }),
    { numRuns: 500 },
  );
  t.ok(accepted > 0, 'some changes do no harm, or the property says nothing');
});

t.test('the largest hostile files are read or refused in time', async (t) => {
  const file = (line: string): Buffer => {
    const head = '[PATTERN]\nP.1=a.zip, 1, 1\n';
    return Buffer.from(head + line.repeat(Math.floor((SCAN_LIMITS.file - head.length) / line.length)));
  };
  const longLine = (text: string): string => `${text.repeat(Math.floor((SCAN_LIMITS.line - 1) / text.length))}\n`;
  const hostile = {
    'blank lines': file('\n'),
    'empty comments': file(';\n'),
    'white space': file(longLine(' \t')),
    'one line': file('x'),
    'headers of one section': file('[a]\n'),
    'opening brackets': file(longLine('[')),
    'long comments': file(longLine(';')),
    'numbered keys': Buffer.from(
      `[PATTERN]\nP.1=a.zip, 1, 1\n${Array.from({ length: 300_000 }, (_, n) => `P.1.Merge.${n}=a.${n}, 1, 1\n`).join('')}`,
    ),
    'as many patterns as there may be': Buffer.from(
      `[PATTERN]\n${Array.from({ length: 19_999 }, (_, n) => `P.${n}=${'a/'.repeat(100)}${n}.zip, 1, 1\n`).join('')}`,
    ),
    'fields without end': Buffer.from(`[PATTERN]\nP.1=${longLine(',').slice(10)}`),
    'digits without end': Buffer.from(`[PATTERN]\nP.1=a.zip, 1, ${longLine('9').slice(30)}`),
  };
  // CPU seconds, not time on the wall, so that a busy machine does not matter. Measured: 0.7 s for the slowest; a
  // scanner that is quadratic in any of these takes minutes.
  const bound = 10;
  for (const [name, bytes] of Object.entries(hostile)) {
    const before = process.cpuUsage();
    const manifest = parseOrRefuse(bytes);
    const { user, system } = process.cpuUsage(before);
    t.ok((user + system) / 1e6 < bound, name);
    if (manifest) t.ok(isSound(manifest, bytes), `${name}: sound`);
  }
});
