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
  await t.rejects(first, { message: 'first failed' });
  t.equal(await second, 2);
  t.strictSame(order, ['other', 'first', 'second']);
});

t.test('a task whose connection has ended is not begun', async (t) => {
  const connection = new Socket();
  connection.destroy();
  t.equal(await createInTurn()(connection, async () => t.fail('it was')), undefined);
});
