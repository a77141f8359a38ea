import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { folderHome } from '../../src/agent/folder-home.ts';
import { memoryHome } from '../../src/agent/memory-home.ts';
import type { Home } from '../../src/agent/home.ts';
import type { ManifestObject } from '../../src/manifest/model.ts';

const CONTENT = Buffer.from('what the source has');
const sha256 = createHash('sha256').update(CONTENT).digest('hex');
const object: ManifestObject = {
  path: 'Pattern/Deep/vsapi241.zip',
  key: 'pattern/deep/vsapi241.zip',
  kind: 'pattern',
  component: 'P.4',
  version: '1724100',
  size: CONTENT.length,
  line: 7,
};

async function fill(home: Home): Promise<string> {
  const sink = await home.open(object.path, null);
  await sink.write(CONTENT);
  return sink.commit();
}

/** What every home does, whether it keeps bytes or not. */
function compliance(name: string, open: (t: Test) => Promise<Home>): void {
  t.test(`${name}: a new one holds nothing`, async (t) => {
    const home = await open(t);
    t.equal(home.versions.size, 0);
    t.equal(await home.find(object), null);
  });

  t.test(`${name}: a sink counts, hashes, and tells the hash of the whole`, async (t) => {
    const sink = await (await open(t)).open(object.path, null);
    t.equal(sink.size, 0);
    await sink.write(CONTENT.subarray(0, 5));
    t.equal(sink.size, 5);
    await sink.write(CONTENT.subarray(5));
    t.equal(await sink.commit(), sha256);
    await sink.abort();
  });

  t.test(`${name}: after a restart nothing of what came before is left`, async (t) => {
    const sink = await (await open(t)).open(object.path, null);
    await sink.write(Buffer.from('the beginning of something else, and longer than the other'));
    await sink.restart();
    t.equal(sink.size, 0);
    await sink.write(CONTENT);
    t.equal(sink.size, CONTENT.length);
    t.equal(await sink.commit(), sha256);
  });
}

compliance('in memory', async () => memoryHome());
compliance('in a folder', (t) => folderHome(t.testdir()));

t.test('a folder', async (t) => {
  t.test('holds an object under the path the index gives, and nothing else', async (t) => {
    const folder = join(t.testdir(), 'made', 'here');
    await fill(await folderHome(folder));
    t.strictSame(await readFile(join(folder, object.path)), CONTENT);
    t.strictSame(await readdir(join(folder, 'Pattern/Deep')), ['vsapi241.zip']);
  });

  t.test('shows no object before it is whole, and keeps nothing of one that was given up', async (t) => {
    const folder = t.testdir({ Pattern: { Deep: { 'vsapi241.zip': 'of the release before' } } });
    const sink = await (await folderHome(folder)).open(object.path, null);
    await sink.write(CONTENT);
    t.equal(await readFile(join(folder, object.path), 'utf8'), 'of the release before');
    await sink.abort();
    t.strictSame(await readdir(join(folder, 'Pattern/Deep')), ['vsapi241.zip']);
  });

  t.test('remembers versions and objects for the next run', async (t) => {
    const folder = t.testdir();
    const home = await folderHome(folder);
    await home.save(new Map([['P.4', '1724100']]), [{ object, sha256: await fill(home) }]);
    const later = await folderHome(folder);
    t.strictSame([...later.versions], [['P.4', '1724100']]);
    t.equal(await later.find(object), sha256);
    t.equal(await later.find({ ...object, version: '1724300' }), null, 'a name recurs with another version');
    t.equal(await later.find({ ...object, size: 1 }), null, 'or with another size');
    t.equal(await later.find({ ...object, key: 'pattern/other.zip' }), null);
  });

  t.test('does not take a changed or missing file for the object', async (t) => {
    const folder = t.testdir();
    const home = await folderHome(folder);
    await home.save(new Map(), [{ object, sha256: await fill(home) }]);
    await writeFile(join(folder, object.path), 'what the source haz');
    t.equal(await (await folderHome(folder)).find(object), null);
    await rm(join(folder, object.path));
    t.equal(await (await folderHome(folder)).find(object), null);
  });

  t.test('holds nothing of what came before a restart', async (t) => {
    const folder = t.testdir();
    const sink = await (await folderHome(folder)).open(object.path, null);
    await sink.write(Buffer.from('the beginning of something else, and longer than the other'));
    await sink.restart();
    await sink.write(CONTENT);
    await sink.commit();
    t.strictSame(await readFile(join(folder, object.path)), CONTENT);
  });

  t.test('does not write through a link that lies in it', async (t) => {
    const folder = t.testdir({ outside: 'precious', home: { Pattern: { Deep: {} } } });
    await symlink(join(folder, 'outside'), join(folder, 'home', `${object.path}.part`));
    const home = await folderHome(join(folder, 'home'));
    await t.rejects(home.open(object.path, null), { code: 'RLY_AGENT_FOLDER' });
    t.equal(await readFile(join(folder, 'outside'), 'utf8'), 'precious');
  });

  t.test('that cannot be used is named, with what the system says', async (t) => {
    const folder = t.testdir({ file: '' });
    await t.rejects(folderHome(join(folder, 'file')), {
      code: 'RLY_AGENT_FOLDER',
      fault: 'storage',
      fields: { path: join(folder, 'file'), reason: /EEXIST/ },
    });
    await mkdir(join(folder, 'agent.json'));
    await t.rejects(folderHome(folder), { code: 'RLY_AGENT_FOLDER', fields: { reason: /EISDIR/ } });
  });

  for (const [what, text] of [
    ['no JSON', 'not json'],
    ['somebody else’s file', '{"name":"another agent"}'],
    ['a hash that is none', '{"versions":{},"objects":{"a":{"version":null,"size":1,"sha256":"x"}}}'],
  ] as const) {
    t.test(`whose agent.json is ${what} is refused, and the file stays`, async (t) => {
      const folder = t.testdir({ 'agent.json': text });
      await t.rejects(folderHome(folder), { code: 'RLY_AGENT_STATE', fields: { path: join(folder, 'agent.json') } });
      t.equal(await readFile(join(folder, 'agent.json'), 'utf8'), text);
    });
  }
});
