import { spawnSync } from 'node:child_process';
import t from 'tap';
import { needs } from '../support/tool.ts';
import { childCommand, run } from './child.ts';
import { temporaryFolder } from './store-folder.ts';

/** Mounts of our own, that end with the process: as root, or as the root of a user namespace where the system allows it. */
const namespace = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--mount'];

/** Runs `script` in such a namespace. In it, $0 is the folder, and $@ the command of the child. */
const mounted = (script: string, folder: string, command: readonly string[] = []): string[] => [
  ...namespace,
  'sh',
  '-ec',
  script,
  folder,
  ...command,
];

function mountsAreRefused(): string | false {
  const [command = '', ...args] = mounted('mount -t tmpfs -o size=1m tmpfs "$0"', '/tmp');
  const tried = spawnSync(command, args, { encoding: 'utf8' });
  return tried.status === 0 ? false : `no mounts here: ${tried.error?.message ?? tried.stderr.trim()}`;
}

const canMount = { skip: mountsAreRefused() };

t.test(
  'a full disk: hits keep working, nothing wrong is kept, and with space it goes on by itself',
  canMount,
  async (t) => {
    const path = temporaryFolder(t);
    const script = 'mount -t tmpfs -o size=1m,mode=700 tmpfs "$0"; exec "$@"';
    const { stdout, stderr } = await run(mounted(script, path, childCommand('fill-disk.ts', path)));
    t.equal(stderr, '');
    t.match(JSON.parse(stdout), {
      refused:
        /^RLY_STORAGE_FULL no room for 10485760 bytes in .*: \d+ bytes are free on the disk, .* storage\.minFree is 0$/,
      written: /^RLY_STORAGE_FULL no room for \d+ bytes in .*: the disk is full$/,
      usage: { bytes: 2000, reserved: 0 },
      hit: 'fine',
      published: /^RLY_STORAGE_FULL .*: the disk is full$/,
      current: 1,
      started: { current: 1, mended: 'it is torn or was altered' },
      servedAfterStart: 'fine',
      healed: 'fine',
    });
  },
);

t.test('a full table of inodes is a full disk', canMount, async (t) => {
  const path = temporaryFolder(t);
  const script = 'mount -t tmpfs -o nr_inodes=16,mode=700 tmpfs "$0"; exec "$@"';
  const { stdout } = await run(mounted(script, path, childCommand('update.ts', path, '3')));
  t.match(stdout, /^RLY_STORAGE_FULL .*: the disk is full, or has no inodes left \(df -i\)$/m);
  t.match(stdout, /^end \d+ 0$/m);
});

t.test('a store on a read-only mount says so', canMount, async (t) => {
  const path = temporaryFolder(t);
  await run(childCommand('update.ts', path, '1'));
  const script = 'mount --bind "$0" "$0"; mount -o remount,ro,bind "$0"; exec "$@"';
  const { stdout } = await run(mounted(script, path, childCommand('hold.ts', path)));
  t.equal(stdout, 'RLY_STORAGE_READ_ONLY\n');
});

t.test('no descriptors left: told as such, and all is well when there are some again', needs('sh'), async (t) => {
  const path = temporaryFolder(t);
  const limited = ['sh', '-c', 'ulimit -n 40; exec "$@"', 'sh'];
  const { stdout, stderr } = await run([...limited, ...childCommand('exhaust-files.ts', path)]);
  t.equal(stderr, '');
  t.strictSame(JSON.parse(stdout), {
    opening: 'RLY_STORAGE_IO EMFILE',
    writing: 'RLY_STORAGE_IO EMFILE',
    reading: 'fine',
    after: 'fine',
    usage: { bytes: 2000, reserved: 0, maxBytes: 1_000_000 },
  });
});
