import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { writeTree } from '../../src/lab/write-tree.ts';

t.test('a release becomes files, in folders as the index names them', async (t) => {
  const folder = t.testdir();
  const release = createCatalogue({ shape: 'small' }).release(1);
  await writeTree(release, folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  t.equal(entries.filter((entry) => entry.isFile()).length, release.files.size);
  for (const path of release.files.keys()) {
    t.ok((await readFile(join(folder, path))).equals(await release.file(path)), path);
  }
});
