import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { layoutOf } from '../../storage/layout.ts';
import { openStore } from '../../storage/open-store.ts';
import { requireOwn } from '../../storage/ownership.ts';
import { MIB, openAt, temporaryFolder } from './store-folder.ts';

const options = { maxSize: MIB, minFree: 0, keepGenerations: 3 };
const uid = process.getuid?.() ?? 0;
const asRoot = { skip: uid !== 0 && 'only root gives files away' };

t.test('a folder that everybody may write in is refused, before anything is written', async (t) => {
  const path = temporaryFolder(t);
  chmodSync(path, 0o777);
  await t.rejects(openStore({ ...options, path }), {
    code: 'RLY_STORAGE_OWNER',
    fault: 'config',
    fields: { path, user: uid, reason: 'everybody on this host may write in it' },
  });
  chmodSync(path, 0o770);
  await openAt(t, path);
});

t.test('a folder of another user is refused; one of root is a volume, and may be used', async (t) => {
  const layout = layoutOf(temporaryFolder(t));
  await requireOwn(layout, uid);
  if (uid === 0) await requireOwn(layout, 10_001);
  else await t.rejects(requireOwn(layout, uid + 1), { code: 'RLY_STORAGE_OWNER' });
});

t.test('a store that another user wrote is refused, whoever the folder belongs to', asRoot, async (t) => {
  const path = temporaryFolder(t);
  await (await openStore({ ...options, path })).close();
  chownSync(join(path, 'format'), 10_001, 10_001);
  await t.rejects(openStore({ ...options, path }), {
    code: 'RLY_STORAGE_OWNER',
    fields: { reason: 'format in it belongs to user 10001' },
  });
  chownSync(path, 10_001, 10_001);
  await t.rejects(openStore({ ...options, path }), {
    code: 'RLY_STORAGE_OWNER',
    fields: { reason: 'it belongs to user 10001' },
  });
  await requireOwn(layoutOf(path), 10_001);
});

t.test('storage.path may be a link to the folder, whose owner counts', asRoot, async (t) => {
  const path = temporaryFolder(t);
  mkdirSync(join(path, 'real'));
  symlinkSync('real', join(path, 'link'));
  await openAt(t, join(path, 'link'));
  chownSync(join(path, 'real'), 10_001, 10_001);
  await t.rejects(openStore({ ...options, path: join(path, 'link') }), {
    code: 'RLY_STORAGE_OWNER',
    fields: { reason: 'it belongs to user 10001' },
  });
});

t.test('where the system knows no users nothing is looked at', async (t) => {
  const path = temporaryFolder(t);
  chmodSync(path, 0o777);
  const { getuid } = process;
  t.teardown(() => Object.assign(process, { getuid }));
  Object.assign(process, { getuid: undefined });
  await requireOwn(layoutOf(path));
});

t.test('a folder that cannot be looked at is a fault of the disk', async (t) => {
  const path = join(temporaryFolder(t), 'gone');
  await t.rejects(requireOwn(layoutOf(path)), { code: 'RLY_STORAGE_IO' });
  const file = temporaryFolder(t);
  await t.rejects(requireOwn({ ...layoutOf(file), format: join(file, 'x'.repeat(300)) }), { code: 'RLY_STORAGE_IO' });
});
