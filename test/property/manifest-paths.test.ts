import { posix, win32 } from 'node:path';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { trimBlanks } from '../../src/manifest/lines.ts';
import { canonicalPath, pathFlaw, signaturePath } from '../../src/manifest/path.ts';

const anyPath = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '/',
        '\\',
        '.',
        '..',
        ':',
        '%',
        '%2e',
        '?',
        '#',
        'C:',
        'con',
        'pattern',
        'A.zip',
        ' ',
        '\u0000',
        '\t',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => trimBlanks(parts.join('')));

t.test('a path without a flaw stays below its base as a URL, on Windows and here', async (t) => {
  let accepted = 0;
  fc.assert(
    fc.property(anyPath, (path) => {
      if (pathFlaw(path) !== undefined) return true;
      accepted += 1;
      const url = new URL(`http://relay.example/base/${path}`);
      return (
        decodeURIComponent(url.pathname) === `/base/${path}` &&
        url.search === '' &&
        url.hash === '' &&
        posix.resolve('/base', path) === `/base/${path}` &&
        win32.resolve('C:\\base', path) === `C:\\base\\${path.replaceAll('/', '\\')}`
      );
    }),
    { numRuns: 2000 },
  );
  t.ok(accepted > 100, 'enough of them had none');
});

t.test('folding is done once, and changes neither length nor flaw', async () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const folded = canonicalPath(path);
      return (
        canonicalPath(folded) === folded &&
        canonicalPath(path.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase())) === folded &&
        folded.length === path.length &&
        pathFlaw(folded) === pathFlaw(path)
      );
    }),
  );
});

t.test('a signature lies beside its object, without a flaw', async () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      if (pathFlaw(path) !== undefined) return true;
      const signature = signaturePath(path);
      return pathFlaw(signature) === undefined && posix.dirname(signature) === posix.dirname(path);
    }),
    { numRuns: 2000 },
  );
});
