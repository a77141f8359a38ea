import type { Test } from 'tap';
import { fileHandles } from './file-handles.ts';

/** Counts, from now on, the files that this process has synced. */
export async function countingSyncs(t: Test): Promise<() => number> {
  const handles = (await fileHandles()) as { sync: () => Promise<void> };
  const { sync } = handles;
  let count = 0;
  handles.sync = function counted(this: unknown) {
    count += 1;
    return sync.call(this);
  };
  t.teardown(() => void (handles.sync = sync));
  return () => count;
}
