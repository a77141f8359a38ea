import t from 'tap';
import { outcomeText } from '../../src/commands/outcome-text.ts';

const published = {
  result: 'published',
  source: 'http://osce.example/officescan/download',
  generation: 7,
  fetched: 3,
  reused: 142,
  bytes: 3 * 1024 * 1024,
} as const;

t.test('a handful of absent packages is named, dozens are counted', async (t) => {
  const absent = (count: number) => Array.from({ length: count }, (_, at) => `product/old${at}.zip`);
  const few = outcomeText({ ...published, absent: absent(5) }, 1000);
  t.match(few, 'product/old4.zip: named by the index');
  t.notMatch(few, 'more');
  const many = outcomeText({ ...published, absent: absent(45) }, 1000);
  t.match(many, '\n           and 40 more; --json lists them all\n');
  t.notMatch(many, 'product/old5.zip');
});
