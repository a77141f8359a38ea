import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Blob, BlobWriter } from '../src/ports/store.ts';
import { discard } from './durable-write.ts';
import type { Reservation } from './ledger.ts';
import { readFully } from './read-fully.ts';
import { serial } from './serial.ts';
import { naming } from './system-error.ts';

/**
 * Bytes gathered before one write. Chunks come from the network in 16 to 64 KiB, and each write is a trip to the thread
 * pool: with 256 KiB the trips no longer show, and two such buffers for each download under way are cheap.
 */
const BUFFER_BYTES = 256 * 1024;

/** Told of a blob before it has its name; see `BlobWriter.commit`. */
type Announce = (blob: Blob) => Promise<void>;

/** Takes a finished file, durable and closed, into the store, and ends the reservation. */
export type Adopt = (temporary: string, blob: Blob, reservation: Reservation, announce?: Announce) => Promise<void>;

export interface WriterParts {
  /** Open for reading and writing, empty. */
  readonly file: FileHandle;
  readonly path: string;
  readonly reservation: Reservation;
  readonly exact: boolean;
  readonly adopt: Adopt;
}

/**
 * The write pattern of SECURITY.md: count, hash and limit on the way; fsync, close, and only then a blob.
 * Two buffers take turns: one is filled and hashed while the other is on its way to the disk.
 */
export function blobWriter({ file, path, reservation, exact, adopt }: WriterParts): BlobWriter {
  const capacity = Math.max(1, Math.min(reservation.bytes, BUFFER_BYTES));
  const inTurn = serial();
  let filling = Buffer.allocUnsafeSlow(capacity);
  let spare = Buffer.allocUnsafeSlow(capacity);
  /** Bytes in `filling`. */
  let used = 0;
  /** Bytes handed to the disk, and the last write of them. */
  let sent = 0;
  let sending: Promise<void> = Promise.resolve();
  let hash = createHash('sha256');
  let ended = false;

  const flush = async (): Promise<void> => {
    await sending;
    const full = filling.subarray(0, used);
    [filling, spare, used] = [spare, filling, 0];
    const position = sent;
    sent += full.length;
    sending = naming(path, () => writeFully(file, full, position), full.length);
    sending.catch(() => {}); // Told to whoever waits for it: the next flush, a read or the commit.
    hash.update(full);
  };

  const settle = async (): Promise<void> => {
    await flush();
    await sending;
  };

  /** The end without a blob. */
  const giveUp = async (): Promise<void> => {
    ended = true;
    await sending.catch(() => {});
    await file.close().catch(() => {});
    await discard(path);
    reservation.release();
  };

  const finish = async (announce?: Announce): Promise<Blob> => {
    const size = sent + used;
    if (exact && size !== reservation.bytes) throw limit(size, reservation.bytes, exact);
    try {
      await settle();
      // One try: after a failed fsync the kernel may call pages clean that never reached the disk (fsync(2), EIO).
      await naming(path, () => file.sync(), size);
      await naming(path, () => file.close(), size);
      const blob = { sha256: hash.digest('hex'), size };
      await adopt(path, blob, reservation, announce);
      ended = true;
      return blob;
    } catch (error) {
      await giveUp();
      throw error;
    }
  };

  return {
    get size() {
      return sent + used;
    },
    async write(chunk) {
      refuseWhen(ended);
      const size = sent + used + chunk.length;
      if (size > reservation.bytes) throw limit(size, reservation.bytes, exact);
      for (let taken = 0; taken < chunk.length;) {
        const part = chunk.subarray(taken, taken + capacity - used);
        filling.set(part, used);
        used += part.length;
        taken += part.length;
        if (used === capacity) await inTurn(flush);
      }
    },
    read: (target, position) =>
      inTurn(async () => {
        refuseWhen(ended);
        await settle();
        return naming(path, () => readFully(file, target, position));
      }),
    restart: () =>
      inTurn(async () => {
        refuseWhen(ended);
        await sending.catch(() => {});
        await naming(path, () => file.truncate(0));
        [used, sent, sending, hash] = [0, 0, Promise.resolve(), createHash('sha256')];
      }),
    commit: (announce) =>
      inTurn(async () => {
        refuseWhen(ended);
        return finish(announce);
      }),
    abort: () =>
      inTurn(async () => {
        if (!ended) await giveUp();
      }),
  };
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

const limit = (found: number, expected: number, exact: boolean): RelayError =>
  new RelayError('RLY_STORAGE_LIMIT', { found, bound: exact ? 'exactly' : 'at most', expected });

function refuseWhen(ended: boolean): void {
  if (ended) throw new RelayError('RLY_INTERNAL', { reason: 'a blob writer was used after its end' });
}
