import t from 'tap';
import { naming, storageError } from '../../storage/system-error.ts';

const systemError = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'write' });

t.test('what the system refuses is told in the catalogue’s words, with path and code', async (t) => {
  const told: [string, object][] = [
    ['ENOSPC', { code: 'RLY_STORAGE_FULL', fields: { bytes: 9, path: '/p', reason: 'the disk is full' } }],
    ['EDQUOT', { code: 'RLY_STORAGE_FULL', fields: { bytes: 9, path: '/p', reason: 'the quota is used up' } }],
    ['EROFS', { code: 'RLY_STORAGE_READ_ONLY', fields: { path: '/p' } }],
    ['EACCES', { code: 'RLY_STORAGE_DENIED', fields: { path: '/p', code: 'EACCES', uid: process.getuid?.() } }],
    ['EPERM', { code: 'RLY_STORAGE_DENIED', fields: { path: '/p', code: 'EPERM' } }],
    ['EMFILE', { code: 'RLY_STORAGE_IO', fields: { path: '/p', code: 'EMFILE', call: 'write' } }],
    ['EIO', { code: 'RLY_STORAGE_IO', fields: { path: '/p', code: 'EIO', call: 'write' } }],
  ];
  for (const [code, expected] of told) {
    const cause = systemError(code);
    t.match(storageError(cause, '/p', 9), { ...expected, cause });
  }
});

t.test('a bug stays a bug', async (t) => {
  const bug = new TypeError('undefined is not a function');
  await t.rejects(
    naming('/p', () => Promise.reject(bug)),
    bug,
  );
  t.equal(storageError('thrown', '/p'), 'thrown');
});
