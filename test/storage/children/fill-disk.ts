// Fills the small file system of argv[2] through the store on it, and says what works and what does not at each point.
import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRelayError } from '../../../src/errors/relay-error.ts';
import { openStore } from '../../../storage/open-store.ts';
import { bytesOf, draftIn, PUBLISHED_AT, put } from '../sample.ts';

const [, , path = ''] = process.argv;
const open = () => openStore({ path, maxSize: 1e12, minFree: 0, keepGenerations: 3 });
const told = async (task: () => Promise<unknown>): Promise<string> => {
  try {
    await task();
    return 'fine';
  } catch (error) {
    return isRelayError(error) ? `${error.code} ${error.message}` : String(error);
  }
};

let store = await open();
const draft = await draftIn(store.blobs, 'index 1', ['a']);
await store.generations.publish(draft, PUBLISHED_AT);
const refused = await told(() => store.blobs.create(10 * 1024 * 1024));

// Space goes to somebody else after the promise was made.
const writer = await store.blobs.create(600_000);
writeFileSync(join(path, 'hog'), Buffer.alloc(500_000));
const written = await told(async () => {
  await writer.write(bytesOf('big', 600_000));
  await writer.commit();
});
await writer.abort();
const usage = store.usage();

// The last pages, one by one.
for (let hog = 0; (await told(async () => writeFileSync(join(path, `hog ${hog}`), Buffer.alloc(4096)))) === 'fine';)
  hog += 1;
const hit = await told(() => store.blobs.read(draft.index));
const published = await told(() => store.generations.publish(draft, PUBLISHED_AT));
const current = store.generations.current()?.number;
await store.close();

// A start on the full disk, with a pointer to mend and a staging to write anew.
truncateSync(join(path, 'current'));
rmSync(join(path, 'staging'));
writeFileSync(join(path, 'last hog'), Buffer.alloc(0));
store = await open();
const started = { current: store.generations.current()?.number, mended: store.recovery.pointerMended };
const servedAfterStart = await told(() => store.blobs.read(draft.index));
await store.close();

for (const name of readdirSync(path)) if (name.includes('hog')) rmSync(join(path, name));
store = await open();
const healed = await told(() => put(store.blobs, bytesOf('big', 500_000)));
const republished = (await store.generations.publish(draft, PUBLISHED_AT)).number;
process.stdout.write(
  JSON.stringify({ refused, written, usage, hit, published, current, started, servedAfterStart, healed, republished }),
);
await store.close();
