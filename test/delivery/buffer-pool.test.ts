import t from 'tap';
import { createBufferPool } from '../../src/delivery/buffer-pool.ts';

t.test('a buffer that is given back is used again', async (t) => {
  const pool = createBufferPool(1024, 2);
  const first = pool.take();
  pool.give(first);
  t.equal(pool.take(), first);
  t.not(pool.take(), first);
});

t.test('in a crowd buffers are small, and large again when it has gone', async (t) => {
  const pool = createBufferPool(1024, 2, 64);
  const taken = [pool.take(), pool.take(), pool.take()];
  t.strictSame(
    taken.map(({ length }) => length),
    [1024, 1024, 64],
  );
  t.equal(pool.size, 64);
  const [first = Buffer.alloc(0), second = Buffer.alloc(0), small = Buffer.alloc(0)] = taken;
  pool.lose(first);
  t.equal(pool.size, 64, 'the other two are still out');
  pool.give(second);
  t.equal(pool.size, 1024);
  pool.give(small);
  t.equal(pool.take(), second);
  t.not(pool.take(), first, 'what was lost does not come back');
  t.equal(pool.take(), small);
});

t.test('no more are kept than so many', async (t) => {
  const pool = createBufferPool(8, 1);
  const two = [pool.take(), pool.take()];
  for (const buffer of two) pool.give(buffer);
  t.equal(pool.take(), two[0]);
  t.not(pool.take(), two[1]);
});
