import t from 'tap';
import { table, type Column } from '../../src/terminal/table.ts';
import { visibleWidth } from '../../src/terminal/width.ts';
import { fakeIo } from '../support/fake-io.ts';

interface Row {
  readonly name: string;
  readonly size: string;
  readonly count: number | null;
}
const columns: Column<Row>[] = [
  { title: 'Component', value: ({ name }) => name },
  { title: 'Size', value: ({ size }) => size, align: 'right' },
  { title: 'Files', value: ({ count }) => count },
];
const rows: Row[] = [
  { name: 'Virus Pattern', size: '61.8 MiB', count: 19 },
  { name: 'IntelliTrap', size: '17 KiB', count: null },
];

t.test('columns are aligned under their titles, numbers to the right', async (t) => {
  t.equal(
    table(rows, columns, fakeIo()),
    ['Component          Size  Files', 'Virus Pattern  61.8 MiB     19', 'IntelliTrap      17 KiB      –', ''].join(
      '\n',
    ),
  );
});

t.test('without Unicode an empty cell is an ASCII dash', async (t) => {
  t.match(table(rows, columns, fakeIo({ unicode: false })), /17 KiB {6}-\n/);
});

t.test('no rows leave the titles', async (t) => {
  t.equal(table([], columns, fakeIo()), 'Component  Size  Files\n');
});

t.test('colours do not shift the columns', async (t) => {
  const coloured = rows.map((row) => ({ ...row, name: `\u001b[32m${row.name}\u001b[39m` }));
  const lines = table(coloured, columns, fakeIo({ colour: true }))
    .trimEnd()
    .split('\n');
  t.strictSame(lines.map(visibleWidth), [30, 30, 30]);
  t.match(lines[0], '\u001b[1mComponent\u001b[22m');
});

t.test('on a terminal the widest column is cut to the width of the window', async (t) => {
  const long = [{ name: 'Smart Scan Agent Pattern', size: '21.0 MiB', count: 1 }];
  const text = table(long, columns, fakeIo({ isTerminal: true, columns: () => 30 }));
  t.equal(text.split('\n')[1], 'Smart Scan A…  21.0 MiB      1');
  t.match(table(long, columns, fakeIo({ isTerminal: true, unicode: false, columns: () => 30 })), 'Smart Scan A~');
});

t.test('in a pipe nothing is cut', async (t) => {
  t.match(table(rows, columns, fakeIo({ columns: () => 10 })), 'Virus Pattern');
});

t.test('on a window too narrow for anything the columns stay readable', async (t) => {
  const lines = table(rows, columns, fakeIo({ isTerminal: true, columns: () => 5 })).split('\n');
  t.equal(lines[1], 'Virus P…  61.8 MiB     19');
});

t.test('names from the network cannot break a line or move the cursor', async (t) => {
  const hostile = [{ name: 'a\n\u001b[2Jb', size: '', count: 0 }];
  const lines = table(hostile, columns, fakeIo()).split('\n');
  t.equal(lines.length, 3);
  t.match(lines[1], 'a··[2Jb');
});
