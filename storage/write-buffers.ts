/**
 * Bytes gathered before one write. Chunks come from the network in 16 to 64 KiB, and each write is a trip to the thread
 * pool: with 256 KiB the trips no longer show, and two such buffers for each download under way are cheap.
 */
export const BUFFER_BYTES = 256 * 1024;

/** As many as an update's downloads have under way. */
const MANY = 12;

/** Whole ones nobody uses: a first update would make two for each large object, and leave them to the garbage collector. */
const idle: Buffer[] = [];

/** A buffer of so many bytes, `BUFFER_BYTES` at most, with anything in it. */
export function takeBuffer(bytes: number): Buffer {
  return (bytes === BUFFER_BYTES && idle.pop()) || Buffer.allocUnsafeSlow(bytes);
}

/** It must not be used after this. */
export function giveBuffer(buffer: Buffer): void {
  if (buffer.length === BUFFER_BYTES && idle.length < MANY) idle.push(buffer);
}
