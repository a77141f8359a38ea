import t from 'tap';
import { createHotMemory, type HotMemory } from '../../src/delivery/hot-memory.ts';

/** Asks for a content until it is admitted, or as often as told; whether it came in. */
function bring(hot: HotMemory, name: string, bytes: number, times: number): boolean {
  for (let i = 0; i < times; i += 1) {
    if (hot.get(name)) continue;
    hot.admit(name, bytes)?.keep(name);
  }
  return hot.get(name) !== undefined;
}

t.test('what is asked for once stays on disk; what is asked for again comes in', async (t) => {
  const hot = createHotMemory(100);
  t.equal(hot.admit('a', 60), undefined);
  const claim = hot.admit('a', 60);
  t.equal(claim?.buffer.length, 60);
  t.equal(hot.get('a'), undefined, 'it is not here before it is whole');
  claim?.keep('a');
  t.equal(hot.get('a'), claim?.buffer);
});

t.test('a large content that somebody reads displaces nothing that is asked for more often', async (t) => {
  const hot = createHotMemory(100);
  t.ok(bring(hot, 'popular', 60, 10));
  t.notOk(bring(hot, 'large', 90, 3));
  t.ok(hot.get('popular'));
  t.ok(bring(hot, 'large', 90, 50), 'but in the end it is the more popular one');
  t.equal(hot.get('popular'), undefined);
});

t.test('the budget holds, whatever is under way', async (t) => {
  const hot = createHotMemory(100);
  const first = hot.claim(70);
  t.equal(hot.claim(31), undefined);
  const second = hot.claim(30);
  t.ok(second);
  first?.release();
  first?.release();
  t.ok(hot.claim(70), 'what is given back can be had again, once');
  t.equal(hot.claim(1), undefined);
  t.equal(createHotMemory(10).claim(11), undefined);
});

t.test('a content that came twice at once is held once', async (t) => {
  const hot = createHotMemory(100);
  const [one, two] = [hot.claim(40), hot.claim(40)];
  one?.keep('same');
  two?.keep('same');
  t.equal(hot.get('same'), one?.buffer);
  t.ok(hot.claim(60), 'the other’s room is free');
  one?.release();
  t.ok(hot.get('same'), 'what is kept is not given back');
});
