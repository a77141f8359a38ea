import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { SeenContent } from '../../src/ports/store.ts';
import { MOST_IDENTITIES } from '../../storage/identities.ts';
import { openStore } from '../../storage/open-store.ts';
import { temporaryFolder } from './store-folder.ts';

const open = (path: string) => openStore({ path, maxSize: 2 ** 20, minFree: 0, keepGenerations: 1 });
const content = (n: number, digit = 'a'): SeenContent => ({
  identity: `pattern/v_${n}.zip,${n},100`,
  sha256: digit.repeat(64),
});
const contents = (from: number, count: number) => Array.from({ length: count }, (_, n) => content(from + n));

t.test('what was seen is known, also after a restart; what came later counts', async (t) => {
  const path = temporaryFolder(t);
  const store = await open(path);
  t.equal(store.identities.get(content(1).identity), undefined);
  await store.identities.remember([content(1), content(2)]);
  await store.identities.remember([content(2, 'b')]);
  await store.close();
  const again = await open(path);
  t.teardown(() => again.close());
  t.equal(again.identities.get(content(1).identity), 'a'.repeat(64));
  t.equal(again.identities.get(content(2).identity), 'b'.repeat(64));
  t.strictSame(again.recovery.unknown, [], 'its file is the store’s');
});

t.test('what is known already is not written again', async (t) => {
  const path = temporaryFolder(t);
  const store = await open(path);
  t.teardown(() => store.close());
  await store.identities.remember(contents(0, 10));
  const before = await readFile(join(path, 'identities'), 'utf8');
  await store.identities.remember(contents(0, 10));
  await store.identities.remember([]);
  t.equal(await readFile(join(path, 'identities'), 'utf8'), before);
});

t.test('the oldest are forgotten, what is seen again is young, and the file does not grow for ever', async (t) => {
  const path = temporaryFolder(t);
  const store = await open(path);
  await store.identities.remember(contents(0, MOST_IDENTITIES));
  await store.identities.remember([content(0)]);
  await store.identities.remember([content(MOST_IDENTITIES)]);
  t.equal(store.identities.get(content(1).identity), undefined, 'the oldest');
  t.ok(store.identities.get(content(0).identity), 'was seen again');
  for (let n = 1; n <= 3; n += 1) await store.identities.remember(contents(n * MOST_IDENTITIES, MOST_IDENTITIES));
  const lines = (await readFile(join(path, 'identities'), 'utf8')).split('\n').filter(Boolean);
  t.ok(lines.length <= 2 * MOST_IDENTITIES, `${lines.length} lines`);
  await store.close();
  const again = await open(path);
  t.teardown(() => again.close());
  t.ok(again.identities.get(content(4 * MOST_IDENTITIES - 1).identity));
  t.ok(again.identities.get(content(3 * MOST_IDENTITIES).identity));
  t.equal(again.identities.get(content(2 * MOST_IDENTITIES).identity), undefined);
});

t.test('a line that was torn or altered is no memory, and costs no other', async (t) => {
  const path = temporaryFolder(t);
  const store = await open(path);
  await store.identities.remember([content(1)]);
  await store.close();
  const text = await readFile(join(path, 'identities'), 'utf8');
  await appendFile(join(path, 'identities'), text.replace('v_1', 'v_2').slice(0, -4));
  const again = await open(path);
  t.teardown(() => again.close());
  t.ok(again.identities.get(content(1).identity));
  t.equal(again.identities.get(content(2).identity), undefined);
  await again.identities.remember([content(3)]);
  t.ok(again.identities.get(content(3).identity));
});
