import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { checksum } from '../../storage/checksum.ts';
import { STAGED_OBJECT } from '../../storage/checked-json.ts';
import { decodeLines, encodeLine } from '../../storage/object-lines.ts';
import { stagedOf } from './sample.ts';

const object = (name: string) => stagedOf(name, { sha256: 'a'.repeat(64), size: 1 });
const paths = fc.array(fc.string({ minLength: 1, unit: 'binary' }), { maxLength: 5 });

t.test('lines read back in their order, whatever the paths hold', async (t) => {
  fc.assert(
    fc.property(paths, (names) => {
      const objects = names.map((name) => object(name.toWellFormed()));
      t.strictSame(decodeLines(STAGED_OBJECT, objects.map(encodeLine).join('')), { objects, damaged: 0 });
    }),
  );
});

t.test('a torn line is lost alone: those before it and those appended after it stay', async (t) => {
  const [first, torn, next] = [encodeLine(object('first')), encodeLine(object('torn')), encodeLine(object('next'))];
  for (let length = 2; length < torn.length - 1; length += 13) {
    t.strictSame(decodeLines(STAGED_OBJECT, `${first}${torn.slice(0, length)}${next}`), {
      objects: [object('first'), object('next')],
      damaged: 1,
    });
  }
});

t.test('a line that was altered, or is of another shape, is lost alone', async (t) => {
  const altered = encodeLine(object('altered')).replace('altered', 'alterer');
  const strange = `${checksum('{}')} {}`;
  t.strictSame(decodeLines(STAGED_OBJECT, `${altered}${strange}${encodeLine(object('fine'))}`), {
    objects: [object('fine')],
    damaged: 2,
  });
});
