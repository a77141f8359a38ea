// Has written argv[3] bytes of a part in the store of argv[2] when it is killed.
import { openStore } from '../../../storage/open-store.ts';
import { bytesOf } from '../sample.ts';

const [, , path = '', length = ''] = process.argv;
const store = await openStore({ path, maxSize: 2 ** 30, minFree: 0, keepGenerations: 1 });
const writer = await store.blobs.create(Number(length), { part: 'identity' });
await writer.note({ source: 'http://127.0.0.1/download', etag: '"strong"', lastModified: null });
const bytes = bytesOf('a part', Number(length));
const PIECE = 64 * 1024;
for (let at = 0; at < bytes.length; at += PIECE) await writer.write(bytes.subarray(at, at + PIECE));
await writer.read(Buffer.alloc(1), bytes.length - 1);
process.kill(process.pid, 'SIGKILL');
