import type { Test } from 'tap';
import type { Store } from '../../src/ports/store.ts';
import { draftIn, PUBLISHED_AT } from './sample.ts';
import { onDisk } from './store-folder.ts';

/** What must hold of a store just opened, whatever the process before died of; and that the next update works by itself. */
export async function assertSound(t: Test, path: string, store: Store, name: string): Promise<void> {
  const { generations, staging, blobs, recovery } = store;
  t.strictSame({ refused: recovery.generationsRefused, unknown: recovery.unknown }, { refused: [], unknown: [] }, name);
  t.equal(generations.current(), generations.list()[0], `${name}: nothing newer than the current one is listed`);
  for (const { index, objects } of generations.list()) {
    for (const blob of [index, ...objects]) await blobs.read(blob);
  }
  for (const object of staging.list()) await blobs.read(object);
  assertBooks(t, path, store, name);

  const before = generations.current()?.number ?? 0;
  const { number } = await generations.publish(await draftIn(blobs, `after ${name}`, ['new', name]), PUBLISHED_AT);
  t.ok(number > before, `${name}: the next update is published`);
  await store.collect(new Set());
  t.strictSame(staging.list(), []);
  assertBooks(t, path, store, `${name}, after an update`);
}

/** At a quiet moment the ledger is what is on disk, nothing is promised, and no temporary lies about. */
function assertBooks(t: Test, path: string, store: Store, name: string): void {
  const { bytes, temporaries } = onDisk(path);
  t.match(store.usage(), { bytes, reserved: 0 }, `${name}: the ledger is what is on disk`);
  t.strictSame(temporaries, [], `${name}: no temporaries`);
}
