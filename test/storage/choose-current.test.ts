import t from 'tap';
import type { Generation } from '../../src/ports/generation.ts';
import { chooseCurrent } from '../../storage/choose-current.ts';
import { draftOf } from './sample.ts';

const generation = (number: number): Generation => ({
  ...draftOf({ sha256: 'a'.repeat(64), size: 1 }, []),
  number,
  publishedAt: '2026-11-22T21:00:00.000Z',
});
const [three, two, one] = [generation(3), generation(2), generation(1)];

t.test('the one the pointer names; newer ones were never published', async (t) => {
  t.strictSame(chooseCurrent({ value: 2 }, [three, two, one]), { current: two, mended: null, unpublished: [three] });
  t.strictSame(chooseCurrent({ value: 3 }, [three, two]), { current: three, mended: null, unpublished: [] });
});

t.test('the newest that is whole, where the pointer is no help', async (t) => {
  t.strictSame(chooseCurrent({ reason: 'is torn' }, [three, one]), {
    current: three,
    mended: 'it is torn',
    unpublished: [],
  });
  t.strictSame(chooseCurrent({ value: 2 }, [three, one]), {
    current: three,
    mended: 'it names generation 2, which is not whole',
    unpublished: [],
  });
});

t.test('none, and nothing to mend, where nothing is whole', async (t) => {
  const none = { current: undefined, mended: null, unpublished: [] };
  t.strictSame(chooseCurrent({ reason: 'is gone' }, []), none);
  t.strictSame(chooseCurrent({ value: 7 }, []), none);
});
