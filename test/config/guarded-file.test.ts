import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import t from 'tap';
import { readGuardedFile } from '../../src/config/guarded-file.ts';

t.test('a secret may be read by its owner and its group, and written by its owner', async (t) => {
  const file = `${t.testdir({ secret: 'x' })}/secret`;
  for (const mode of [0o600, 0o400, 0o640, 0o440, 0o700]) {
    chmodSync(file, mode);
    t.equal(await readGuardedFile(file, 'secret'), 'x', mode.toString(8));
  }
  for (const [mode, reason] of [
    [0o644, `everybody on this host may read it (mode 0644); chmod 0640 ${file}`],
    [0o604, `everybody on this host may read it (mode 0604); chmod 0600 ${file}`],
    [0o666, `everybody on this host may write it (mode 0666); chmod 0640 ${file}`],
    [0o602, `everybody on this host may write it (mode 0602); chmod 0600 ${file}`],
    [0o660, `its group may write it (mode 0660); chmod 0640 ${file}`],
    [0o601, `everybody on this host may read it (mode 0601); chmod 0600 ${file}`],
  ] as const) {
    chmodSync(file, mode);
    await t.rejects(readGuardedFile(file, 'secret'), { message: reason });
  }
});

t.test('what is no secret may be read by all, and not written by all', async (t) => {
  const file = `${t.testdir({ cert: 'x' })}/cert`;
  for (const mode of [0o644, 0o664, 0o600]) {
    chmodSync(file, mode);
    t.equal(await readGuardedFile(file, 'public'), 'x', mode.toString(8));
  }
  chmodSync(file, 0o666);
  await t.rejects(readGuardedFile(file, 'public'), {
    message: `everybody on this host may write it (mode 0666); chmod 0664 ${file}`,
  });
});

t.test('the file behind a link counts: that is how Kubernetes mounts secrets', async (t) => {
  const folder = t.testdir({ secret: 'x' });
  symlinkSync('secret', `${folder}/link`);
  chmodSync(`${folder}/secret`, 0o440);
  t.equal(await readGuardedFile(`${folder}/link`, 'secret'), 'x');
  chmodSync(`${folder}/secret`, 0o444);
  await t.rejects(readGuardedFile(`${folder}/link`, 'secret'), { message: /everybody on this host may read it/ });
});

t.test('nothing but a file is read, and none that is not there', async (t) => {
  const folder = t.testdir({ folder: {} });
  execFileSync('mkfifo', ['-m', '600', `${folder}/pipe`]);
  await t.rejects(readGuardedFile(`${folder}/pipe`, 'secret'), { message: 'it is no regular file' });
  await t.rejects(readGuardedFile(`${folder}/folder`, 'secret'), { message: 'it is no regular file' });
  await t.rejects(readGuardedFile(`${folder}/absent`, 'secret'), { code: 'ENOENT' });
});
