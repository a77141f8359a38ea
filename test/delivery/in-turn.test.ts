import { Socket } from 'node:net';
import t from 'tap';
import { createInTurn } from '../../src/delivery/in-turn.ts';

t.test('tasks of one connection run one after another, whatever becomes of them; others do not wait', async (t) => {
  const inTurn = createInTurn();
  const connection = new Socket();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn(connection, async () => {
    await gate.promise;
    order.push('first');
    throw new Error('first failed');
  });
  const second = inTurn(connection, async () => {
    order.push('second');
    return 2;
  });
  await inTurn(new Socket(), async () => order.push('other'));
  gate.resolve();
  await t.rejects(Promise.resolve(first), { message: 'first failed' });
  t.equal(await second, 2);
  t.strictSame(order, ['other', 'first', 'second']);
});

t.test('a task whose connection has ended is not begun', async (t) => {
  const connection = new Socket();
  connection.destroy();
  t.equal(await createInTurn()(connection, async () => t.fail('it was')), undefined);
});

t.test('where nothing is under way a task runs at once, and needs no promise', async (t) => {
  const inTurn = createInTurn();
  const connection = new Socket();
  t.equal(
    inTurn(connection, () => 1),
    1,
  );
  const slow = Promise.withResolvers<number>();
  const first = inTurn(connection, () => slow.promise);
  const second = inTurn(connection, () => 3);
  t.type(second, Promise, 'behind another one it waits');
  slow.resolve(2);
  t.strictSame(await Promise.all([first, second]), [2, 3]);
  t.equal(
    inTurn(connection, () => 4),
    4,
    'and once that is over, no more',
  );
});
