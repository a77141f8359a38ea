// Does in the store of argv[2] what an update does: stages, publishes, collects; argv[3] times, or until it is killed.
// A failure is told, and the same update tried again, as the next one of the schedule would.
import { isRelayError } from '../../../src/errors/relay-error.ts';
import type { Store } from '../../../src/ports/store.ts';
import { openStore } from '../../../storage/open-store.ts';
import { bytesOf, draftOf, objectOf, PUBLISHED_AT, put } from '../sample.ts';

const [, , path = '', rounds = '1'] = process.argv;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const store = await openStore({ path, maxSize: 8_000_000, minFree: 0, keepGenerations: 1 });
say(`start ${store.generations.current()?.number} ${JSON.stringify(store.recovery)}`);

for (let round = 1; round <= Number(rounds); round += 1) {
  for (let tries = 3; tries > 0 && !(await succeeds(() => update(store, round)));) tries -= 1;
}
const { bytes, reserved } = store.usage();
say(`end ${bytes} ${reserved}`);
await store.close();

async function update(disk: Store, round: number): Promise<void> {
  const { blobs, staging, generations } = disk;
  const index = await put(blobs, bytesOf(`index ${process.pid} ${round}`, 3000));
  for (const name of ['kept', `${process.pid} ${round}`]) {
    const object = objectOf(name, await put(blobs, bytesOf(name, 300_000)));
    await staging.add({ ...object, index: index.sha256 });
  }
  const { number } = await generations.publish(draftOf(index, staging.list()), PUBLISHED_AT);
  say(`published ${number}`);
  await disk.collect(new Set());
}

async function succeeds(task: () => Promise<void>): Promise<boolean> {
  try {
    await task();
    return true;
  } catch (error) {
    if (!isRelayError(error)) throw error;
    say(`${error.code} ${error.message}`);
    return false;
  }
}
