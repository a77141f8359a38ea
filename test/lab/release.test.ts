import { hash } from 'node:crypto';
import t from 'tap';
import { createCatalogue, type Release } from '../../src/lab/release.ts';
import { ABSENT_PROGRAMS } from '../../src/lab/programs.ts';
import { LAB_DOMAINS } from '../../src/lab/server-texts.ts';
import { objectIdentity } from '../../src/manifest/model.ts';
import { type Manifest, parseManifest } from '../../src/manifest/manifest.ts';
import { canonicalPath, signaturePath } from '../../src/manifest/path.ts';

const catalogue = createCatalogue();
const first = catalogue.release(1);
const index = parseManifest(first.index);

function incrementalsOf(manifest: Manifest): readonly { path: string; version: string | null }[] {
  return manifest.components.flatMap(({ incrementals }) => incrementals);
}

async function digests(release: Release): Promise<Map<string, string>> {
  const entries = [...release.files.values()].map(async (file): Promise<[string, string]> => [
    file.path,
    hash('sha256', await file.read()),
  ]);
  return new Map(await Promise.all(entries));
}

t.test('the index has the shape of a real one: 39 patterns, 88 incrementals, 18 engines', async (t) => {
  const kinds = index.components.map(({ kind }) => kind);
  t.equal(kinds.filter((kind) => kind === 'pattern').length, 39);
  t.equal(kinds.filter((kind) => kind === 'engine').length, 18);
  t.equal(incrementalsOf(index).length, 88);
  t.equal(index.programs.length, 6 + ABSENT_PROGRAMS.length);
  t.strictSame(
    index.notices.map(({ text }) => text.split(' ')[0]),
    ['Path=f'],
    'one junk path, and nothing else that a parser stumbles over',
  );
});

t.test('13 patterns and 14 engines have a fixed name', async (t) => {
  const later = new Set(parseManifest(catalogue.release(100).index).components.map(({ full }) => full.path));
  const fixed = index.components.filter(({ full }) => later.has(full.path));
  t.equal(fixed.filter(({ kind }) => kind === 'pattern').length, 13);
  t.equal(fixed.filter(({ kind }) => kind === 'engine').length, 14);
});

t.test('every file has the size its index lists, except two that are not there', async (t) => {
  const sizes = new Map<string, number>();
  for (const { path } of first.files.values()) sizes.set(canonicalPath(path), (await first.file(path)).length);
  const wrong = index.objects.filter(({ key, size }) => sizes.get(key) !== size).map(({ path }) => path);
  t.strictSame(wrong.sort(), [...ABSENT_PROGRAMS].sort());
  t.ok([...first.files.values()].every(({ path, size }) => sizes.get(canonicalPath(path)) === size));
});

t.test('nearly every component object has a signature, at a place of its own', async (t) => {
  const listed = [...first.files.values()].filter(({ kind }) => ['pattern', 'incremental', 'engine'].includes(kind));
  const places = listed.map(({ path }) => signaturePath(path));
  t.equal(new Set(places).size, listed.length);
  t.strictSame(
    listed.filter(({ path }) => !first.files.has(signaturePath(path))).map(({ path }) => path),
    ['pattern/boot_bl32_35.zip', 'pattern/boot_bl64_35.zip', 'pattern/leakrules_101201.zip', 'engine/BootCheck32.zip'],
  );
  t.equal([...first.files.values()].filter(({ kind }) => kind === 'signature').length, listed.length - 4);
});

t.test('an incremental leads from a version that was current to the one that is', async (t) => {
  for (const number of [2, 9, 30]) {
    const { versions, index: bytes } = catalogue.release(number);
    const before = catalogue.release(number - 1).versions;
    for (const { id, full, incrementals } of parseManifest(bytes).components) {
      t.equal(versions.get(id), full.version);
      if (incrementals.length === 0 || before.get(id) === full.version) continue;
      t.equal(incrementals[0]?.version, before.get(id), `${id} in release ${number}`);
    }
  }
});

t.test('incrementals are named from.to, with digits that wrap and old steps by rank', async (t) => {
  const virus = (number: number) => {
    const component = parseManifest(catalogue.release(number).index).components.find(({ id }) => id === 'P.4');
    return [component?.full.path, ...(component?.incrementals.map(({ path }) => path) ?? [])];
  };
  t.match(virus(1), ['pattern/vsapi985.zip', 'pattern/v_983.985', 'pattern/v_981.985']);
  t.match(virus(9), ['pattern/vsapi001.zip', 'pattern/v_999.001', 'pattern/v_997.001']);
  t.strictSame(virus(9).slice(15), [
    'pattern/v_f00.001',
    'pattern/v_f01.001',
    'pattern/v_f02.001',
    'pattern/v_f03.001',
  ]);
});

t.test('names recur: after 500 releases the same incremental is another one', async (t) => {
  const again = catalogue.release(501);
  t.notOk((await first.file('pattern/v_983.985')).equals(await again.file('pattern/v_983.985')));
  t.not(first.files.get('pattern/v_983.985')?.etag, again.files.get('pattern/v_983.985')?.etag);
});

t.test('a signature keeps its name from release to release, and belongs to the release it came with', async (t) => {
  const second = catalogue.release(2);
  t.ok(first.files.has('pattern/v_983.985') && second.files.has('pattern/v_983.987'));
  t.notOk((await first.file('pattern/v_983.sig')).equals(await second.file('pattern/v_983.sig')));
  t.notOk((await first.file('pattern/v_f00.sig')).equals(await second.file('pattern/v_f00.sig')));
});

t.test('etag and date change exactly when the content does, and identity tells contents apart', async (t) => {
  const contents = new Map<string, string>();
  let before = { release: first, digests: await digests(first) };
  for (let number = 2; number <= 20; number += 1) {
    const release = catalogue.release(number);
    const now = { release, digests: await digests(release) };
    for (const [path, file] of release.files) {
      const old = before.release.files.get(path);
      if (!old) continue;
      const same = before.digests.get(path) === now.digests.get(path);
      if (same !== (old.etag === file.etag)) t.fail(`etag of ${path} in release ${number}`);
      if (same !== (old.lastModified.getTime() === file.lastModified.getTime())) {
        t.fail(`date of ${path} in release ${number}`);
      }
    }
    for (const object of parseManifest(release.index).objects) {
      const digest = now.digests.get(object.path) ?? 'absent';
      const known = contents.get(objectIdentity(object)) ?? digest;
      if (known !== digest) t.fail(`two contents for ${objectIdentity(object)}`);
      contents.set(objectIdentity(object), digest);
    }
    before = now;
  }
  t.not(first.files.get('server.ini')?.etag, before.release.files.get('server.ini')?.etag);
});

t.test('engines change rarely, and not all at once', async (t) => {
  const engines = (number: number) =>
    [...catalogue.release(number).versions].filter(([id]) => id.startsWith('E.')).map(([, version]) => version);
  let changes = 0;
  for (let number = 2; number <= 40; number += 1) {
    const before = engines(number - 1);
    const changed = engines(number).filter((version, rank) => version !== before[rank]).length;
    t.ok(changed < 10, `${changed} in release ${number}`);
    changes += changed;
  }
  t.ok(changes >= 18 && changes < 40, `${changes} changes in 40 releases`);
});

t.test('the same seed gives the same bytes, another seed others', async (t) => {
  const [one, same, other] = await Promise.all(
    ['a', 'a', 'b'].map((seed) => digests(createCatalogue({ seed, shape: 'small' }).release(3))),
  );
  t.strictSame(one, same);
  const shared = [...(other ?? [])].filter(([path, digest]) => one?.get(path) === digest).map(([path]) => path);
  t.strictSame(shared, ['hotfixNT.txt', 'hotfixNT_x64.txt']);
});

t.test('the etag tells catalogues of another scale apart', async (t) => {
  const other = createCatalogue({ scale: 0.01 }).release(1);
  t.not(first.files.get('pattern/vsapi985.zip')?.etag, other.files.get('pattern/vsapi985.zip')?.etag);
});

t.test('at scale 1 a release is as big as a real one', async (t) => {
  const { objects } = parseManifest(createCatalogue({ scale: 1 }).release(1).index);
  const components = objects.filter(({ kind }) => kind !== 'program');
  t.equal(components.length, 145);
  const total = components.reduce((sum, { size }) => sum + size, 0) / 2 ** 20;
  t.ok(total > 150 && total < 165, `${total} MiB`);
});

t.test('the small shape has one of each sort', async (t) => {
  const small = parseManifest(createCatalogue({ shape: 'small' }).release(1).index);
  t.equal(small.components.filter(({ kind }) => kind === 'pattern').length, 6);
  t.equal(small.components.filter(({ kind }) => kind === 'engine').length, 3);
  t.equal(incrementalsOf(small).length, 16);
  for (const count of ['P.4.MergeCount=4', 'P.800.MergeCountEx=4', 'P.40000010.MergeCountIU=4', 'Merge.1=983']) {
    t.ok(small.bytes.includes(`\n${count}\n`), count);
  }
});

t.test('[Server] points where the catalogue was told', async (t) => {
  const { index: bytes } = createCatalogue({ activeUpdateUrl: 'http://127.0.0.1:4711/activeupdate' }).release(1);
  t.ok(bytes.includes('\nServer.1=http://127.0.0.1:4711/activeupdate\n'));
});

t.test('beside the components there are hot fixes and the settings of domains', async (t) => {
  const hotfixes = [...first.files.values()].filter(({ kind }) => kind === 'hotfix').map(({ path }) => path);
  t.ok(hotfixes.some((path) => path.startsWith('hotfix_pccnt/')));
  t.ok(hotfixes.some((path) => path.startsWith('hotfix_admin/')));
  for (const domain of LAB_DOMAINS) {
    t.match((await first.file(`${domain}/ofcscan.ini`)).toString(), `Name=${domain}`);
  }
});

t.test('a path that is not in the release is refused by name', async (t) => {
  await t.rejects(first.file('pattern/none.zip'), { code: 'RLY_INTERNAL', message: /release 1 .* pattern\/none\.zip/ });
});
