import { spawnSync } from 'node:child_process';
import { findTool } from './tool.ts';

type Ending = { teardown(end: () => unknown): void };

/** Runs mount(8) for a test; answers what stands in the way of it, or false. Undone, with all that lies on it, in the end. */
function mount(t: Ending, folder: string, ...args: string[]): string | false {
  const [mounter, unmounter] = [findTool('mount'), findTool('umount')];
  if (!mounter || !unmounter) return 'not installed here: mount, umount';
  const { status, stderr } = spawnSync(mounter, [...args, folder], { encoding: 'utf8' });
  if (status !== 0) return `no mounts here: ${stderr.trim()}`;
  t.teardown(() => spawnSync(unmounter, ['--lazy', folder]));
  return false;
}

/** Mounts a disk of its own at a folder. `limits` as tmpfs(5) has them: `size=24m`, `nr_inodes=200`. Answers why it cannot. */
export function mountSmallDisk(t: Ending, folder: string, limits: string): string | false {
  return mount(t, folder, '-t', 'tmpfs', '-o', `${limits},mode=700`, 'tmpfs');
}

/**
 * Makes a folder read-only for everybody, whatever is open in it: a mount over itself, which new looks at its names go through.
 * Answers why it cannot, or what makes it writable again.
 */
export function makeReadOnly(t: Ending, folder: string): string | (() => void) {
  const refused = mount(t, folder, '--bind', folder) || mount({ teardown: () => {} }, folder, '-o', 'remount,ro,bind');
  return refused || (() => void spawnSync('umount', ['--lazy', folder]));
}
