import t from 'tap';
import { facts } from '../../src/terminal/facts.ts';
import { fakeIo } from '../support/fake-io.ts';

const lines = [
  ['path', 'pattern/a.zip'],
  ['generation', '3'],
] as const;

t.test('values are aligned behind their names', async (t) => {
  t.equal(facts(lines, fakeIo()), 'path        pattern/a.zip\ngeneration  3\n');
});

t.test('names are bold where there is colour', async (t) => {
  t.match(facts(lines, fakeIo({ colour: true })), '\u001b[1mgeneration\u001b[22m  3\n');
});

t.test('a value from the network cannot break a line or move the cursor', async (t) => {
  t.equal(facts([['path', 'a\n\u001b[2Jb']], fakeIo()), 'path  a··[2Jb\n');
});
