import t from 'tap';
import { createFaultBoard } from '../../src/lab/faults.ts';

t.test('a fault strikes until it is switched off', async (t) => {
  const board = createFaultBoard();
  const off = board.on({ kind: 'portal' });
  t.equal(board.strike('server.ini').length, 1);
  t.equal(board.strike('pattern/a.zip').length, 1);
  off();
  t.strictSame(board.strike('server.ini'), []);
});

t.test('a fault strikes the path it names, in any case, or those it chooses', async (t) => {
  const board = createFaultBoard();
  board.on({ kind: 'portal', match: 'Server.ini' });
  board.on({ kind: 'gzip', match: (path) => path.startsWith('pattern/') });
  t.match(board.strike('server.ini'), [{ kind: 'portal' }]);
  t.match(board.strike('pattern/a.zip'), [{ kind: 'gzip' }]);
  t.strictSame(board.strike('engine/a.zip'), []);
});

t.test('a fault strikes so many times, counting only what it strikes', async (t) => {
  const board = createFaultBoard();
  board.on({ kind: 'portal', match: 'server.ini', times: 2 });
  const struck = ['server.ini', 'other', 'server.ini', 'server.ini'].map((path) => board.strike(path).length);
  t.strictSame(struck, [1, 0, 1, 0]);
});

t.test('several faults strike in the order they were switched on, and clear ends them all', async (t) => {
  const board = createFaultBoard();
  board.on({ kind: 'slow', bytesPerSecond: 10 });
  board.on({ kind: 'wrongBytes' });
  t.match(board.strike('a'), [{ kind: 'slow' }, { kind: 'wrongBytes' }]);
  board.clear();
  t.strictSame(board.strike('a'), []);
});
