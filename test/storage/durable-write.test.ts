import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createFile } from '../../storage/durable-write.ts';
import { appendDurably } from '../../storage/object-list.ts';

t.test('a new file is never one that is there, nor made through a link', async (t) => {
  const folder = t.testdir({ there: 'as it was' });
  const file = join(folder, 'there');
  symlinkSync(file, join(folder, 'link'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
  for (const name of ['there', 'link', 'dangling']) {
    await t.rejects(createFile(join(folder, name)), { code: 'EEXIST' }, name);
  }
  t.equal(readFileSync(file, 'utf8'), 'as it was');
});

t.test('what is appended does not go through a link', async (t) => {
  const folder = t.testdir({ there: 'as it was' });
  const file = join(folder, 'there');
  symlinkSync(file, join(folder, 'link'));
  await t.rejects(appendDurably(join(folder, 'link'), 'more'), { code: 'RLY_STORAGE_IO', fields: { code: 'ELOOP' } });
  t.equal(readFileSync(file, 'utf8'), 'as it was');
});
