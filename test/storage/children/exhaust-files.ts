// Opens one blob of the store in argv[2] until the system has no more descriptors; says what it was told, and
// whether the store is as good as before once they are closed.
import { isRelayError } from '../../../src/errors/relay-error.ts';
import type { BlobReader } from '../../../src/ports/store.ts';
import { openStore } from '../../../storage/open-store.ts';
import { bytesOf, put } from '../sample.ts';

const [, , path = ''] = process.argv;
const store = await openStore({ path, maxSize: 1_000_000, minFree: 0, keepGenerations: 3 });
const blob = await put(store.blobs, bytesOf('x'));
const readers: BlobReader[] = [];
const told = async (task: () => Promise<unknown>): Promise<string> => {
  try {
    await task();
    return 'fine';
  } catch (error) {
    return isRelayError(error, 'RLY_STORAGE_IO') ? `${error.code} ${error.fields.code}` : String(error);
  }
};
const opening = await told(async () => {
  for (;;) readers.push(await store.blobs.open(blob));
});
const writing = await told(() => put(store.blobs, bytesOf('y')));
const reading = await told(async () => readers[0]?.read(Buffer.alloc(10), 0));
for (const reader of readers) await reader.close();
const after = await told(() => put(store.blobs, bytesOf('y')));
process.stdout.write(JSON.stringify({ opening, writing, reading, after, usage: store.usage() }));
await store.close();
