import { now } from '../now.ts';
import { openConnection } from './connection.ts';

/** What an agent asks for, and what it should get. */
export interface Wanted {
  readonly path: string;
  /** First and last byte, as Range has them; null: the whole. */
  readonly range: readonly [number, number] | null;
}

/** How an agent got it. */
export interface Fetched {
  /** ms on the monotonic clock. */
  readonly firstByteAt: number | null;
  readonly endedAt: number;
  readonly bytes: number;
  readonly tries: number;
  /** All of it came, and nothing in it was wrong. */
  readonly whole: boolean;
  readonly wrong: boolean;
}

/** As agents do (docs/protocol.md §5): three tries, each resuming where the one before was cut. */
const TRIES = 3;

/** Fetches one object over a connection of its own; `expected` is compared with every byte, where it is given. */
export async function fetchObject(
  { port, localAddress, patience }: { readonly port: number; readonly localAddress: string; readonly patience: number },
  { path, range }: Wanted,
  size: number,
  expected: Buffer | null,
): Promise<Fetched> {
  const [first, last] = range ?? [0, size - 1];
  const deadline = now() + patience;
  let firstByteAt: number | null = null;
  let etag: string | null = null;
  let at = first;
  let wrong = false;
  let tries = 0;
  for (; tries < TRIES && at <= last && now() < deadline; tries += 1) {
    const begin = at;
    const part = range !== null || begin > 0;
    const headers = {
      ...(part && { Range: `bytes=${begin}-${last}` }),
      ...(part && etag !== null && { 'If-Range': etag }),
    };
    const connection = openConnection(port, '127.0.0.1', localAddress);
    const late = setTimeout(() => connection.close(), deadline - now());
    const got = await connection.get(path, {
      headers,
      onBody(piece, position) {
        const from = begin + position;
        if (expected && piece.compare(expected, from, from + piece.length) !== 0) wrong = true;
      },
    });
    clearTimeout(late);
    connection.close();
    firstByteAt ??= got.firstByteAt;
    etag = got.etag;
    // A whole answer to a range: what came is not what was asked for.
    if (got.status === (part ? 206 : 200)) at += got.bytes;
    if (wrong) break;
  }
  return { firstByteAt, endedAt: now(), bytes: at - first, tries, whole: at === last + 1 && !wrong, wrong };
}
