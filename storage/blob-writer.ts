import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Blob, BlobWriter, PartNote } from '../src/ports/store.ts';
import { discard } from './durable-write.ts';
import type { Reservation } from './ledger.ts';
import type { OpenPart } from './parts.ts';
import { readFully } from './read-fully.ts';
import { serial } from './serial.ts';
import { naming } from './system-error.ts';
import { BUFFER_BYTES, giveBuffer, takeBuffer } from './write-buffers.ts';

/** Told of a blob before it has its name; see `BlobWriter.commit`. */
type Announce = (blob: Blob) => Promise<void>;

/** Takes a finished file, durable and closed, into the store, and ends the reservation. */
export type Adopt = (temporary: string, blob: Blob, reservation: Reservation, announce?: Announce) => Promise<void>;

const NOTHING = Buffer.alloc(0);

/** Bytes of a part between two syncs: what a power cut costs at most. A kill costs nothing of it. */
const SYNC_EVERY = 8 * 1024 * 1024;

export interface WriterParts {
  /** Open for reading and writing; empty, unless it is a part's. */
  readonly file: FileHandle;
  readonly path: string;
  /** What makes it a part. */
  readonly part?: OpenPart | undefined;
  readonly reservation: Reservation;
  readonly exact: boolean;
  readonly adopt: Adopt;
}

/**
 * The write pattern of SECURITY.md: count, hash and limit on the way; fsync, close, and only then a blob.
 * Two buffers take turns: one is filled and hashed while the other is on its way to the disk.
 */
export async function blobWriter(parts: WriterParts): Promise<BlobWriter> {
  const { file, path, part, reservation, exact, adopt } = parts;
  const capacity = Math.max(1, Math.min(reservation.bytes, BUFFER_BYTES));
  const inTurn = serial();
  let filling = takeBuffer(capacity);
  /** What fits into one needs no other. */
  let spare: Buffer | null = null;
  /** Bytes in `filling`. */
  let used = 0;
  /** Bytes handed to the disk, and the last write of them. */
  let sent = part?.size ?? 0;
  let sending: Promise<void> = Promise.resolve();
  /** Of those, what is written. */
  let stored = sent;
  let synced = 0;
  let noted = part?.note ?? null;
  let hash = await hashOf(file, sent).catch(async () => {
    // A part on a bad sector: it begins anew, on others.
    await naming(path, () => file.truncate(0));
    [sent, stored, noted] = [0, 0, null];
    return createHash('sha256');
  });
  let ended = false;

  const store = async (bytes: Uint8Array, position: number): Promise<void> => {
    await writeFully(file, bytes, position);
    stored = position + bytes.length;
    if (part === undefined || noted === null || stored - synced < SYNC_EVERY) return;
    await file.datasync();
    synced = stored;
    await part.write(noted, synced);
  };

  /** Hands what is gathered to the disk, which must be through with what it had before. */
  const send = (): void => {
    const full = filling.subarray(0, used);
    const position = sent;
    [sent, used] = [sent + full.length, 0];
    sending = naming(path, () => store(full, position), full.length);
    sending.catch(() => {}); // Told to whoever waits for it: the next flush, a read or the commit.
    hash.update(full);
  };

  const flush = async (): Promise<void> => {
    await sending;
    send();
    [filling, spare] = [spare ?? takeBuffer(capacity), filling];
  };

  /** The last write. */
  const settle = async (): Promise<void> => {
    await sending;
    send();
    await sending;
  };

  /** The end: nothing reads or writes the buffers any more. */
  const close = async (): Promise<void> => {
    ended = true;
    await sending.catch(() => {});
    giveBuffer(filling);
    if (spare) giveBuffer(spare);
    // Given once: a buffer that two writers have is a torn object.
    [filling, spare] = [NOTHING, null];
  };

  /** The end without a blob. */
  const giveUp = async (): Promise<void> => {
    await close();
    await file.close().catch(() => {});
    await (part ? part.remove().catch(() => {}) : discard(path));
    reservation.release();
  };

  /** The end with its bytes kept for another writer, where they can be told from others. */
  const rest = async (of: OpenPart, note: PartNote): Promise<void> => {
    await settle();
    await naming(path, () => file.sync());
    await of.write(note, sent);
    await naming(path, () => file.close());
    await close();
    reservation.release();
    of.rest(sent);
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
      await part?.remove();
      await close();
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
    found: noted,
    note: (from) =>
      inTurn(async () => {
        refuseWhen(ended);
        noted = from;
        await part?.write(from, synced);
      }),
    async write(chunk) {
      refuseWhen(ended);
      const size = sent + used + chunk.length;
      if (size > reservation.bytes) throw limit(size, reservation.bytes, exact);
      for (let taken = 0; taken < chunk.length;) {
        const piece = chunk.subarray(taken, taken + capacity - used);
        filling.set(piece, used);
        used += piece.length;
        taken += piece.length;
        if (used < capacity) continue;
        await inTurn(flush);
        refuseWhen(ended);
      }
    },
    async read(target, position) {
      refuseWhen(ended);
      // What is gathered is copied before anything is waited for: by then the buffer may have other bytes.
      const before = Math.min(target.length, Math.max(0, sent - position));
      const gathered = filling
        .subarray(Math.min(used, Math.max(0, position - sent)), used)
        .subarray(0, target.length - before);
      target.set(gathered, before);
      if (before === 0) return gathered.length;
      if (position + before > stored) await sending;
      const read = await naming(path, () => readFully(file, target.subarray(0, before), position));
      return read < before ? read : before + gathered.length;
    },
    restart: () =>
      inTurn(async () => {
        refuseWhen(ended);
        await sending.catch(() => {});
        await naming(path, () => file.truncate(0));
        [used, sent, stored, synced] = [0, 0, 0, 0];
        [sending, hash] = [Promise.resolve(), createHash('sha256')];
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
    keep: () =>
      inTurn(async () => {
        if (ended) return;
        if (part === undefined || noted === null || sent + used === 0) return giveUp();
        await rest(part, noted).catch(giveUp);
      }),
  };
}

/** The hash of the first `size` bytes of a file, to be gone on with. */
async function hashOf(file: FileHandle, size: number): Promise<Hash> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafeSlow(Math.min(size, BUFFER_BYTES));
  for (let position = 0; position < size;) {
    const got = await readFully(file, buffer.subarray(0, size - position), position);
    hash.update(buffer.subarray(0, got));
    position += got;
  }
  return hash;
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
