import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { didYouMean } from '../../src/config/did-you-mean.ts';

const KEYS = ['host', 'port', 'allow', 'officeScanServer'];

t.test('a slip of the finger finds the key that was meant', async (t) => {
  t.equal(didYouMean('prt', KEYS), ' (did you mean port?)');
  t.equal(didYouMean('officescanserver', KEYS), ' (did you mean officeScanServer?)');
  t.equal(didYouMean('offceScanSever', KEYS), ' (did you mean officeScanServer?)');
  t.equal(didYouMean('alow', KEYS), ' (did you mean allow?)');
});

t.test('the nearest of several wins', async (t) => {
  t.equal(didYouMean('maxSiz', ['minSize', 'maxSize']), ' (did you mean maxSize?)');
});

t.test('another word gets no suggestion', async (t) => {
  for (const word of ['', 'tls', 'activeUpdate', '__proto__', 'x'.repeat(1_000_000)]) {
    t.equal(didYouMean(word, KEYS), '', word.slice(0, 20));
  }
});

t.test('a key with one letter lost is found again', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...KEYS), fc.nat(), (key, seed) => {
      const lost = seed % key.length;
      return didYouMean(key.slice(0, lost) + key.slice(lost + 1), KEYS) === ` (did you mean ${key}?)`;
    }),
  );
});
