import { pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';

/** Bytes unpacked at a time. By default it is 16 KiB, and each piece a trip to the thread pool: that was most of an update's CPU time. */
const PIECE = 256 * 1024;

/** The method of an entry that is not packed (APPNOTE.TXT §4.4.5); all others that can be decoded here are deflated. */
const STORED = 0;

/** What an entry unpacks to: bytes, and their CRC-32. It ends soon after there are more bytes than the entry says. */
export async function unpack(zip: ZipFile, entry: Entry): Promise<{ readonly size: number; readonly crc: number }> {
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  const stored = entry.compressionMethod === STORED;
  // Its errors are those of the loop.
  const plain = stored ? packed : pipeline(packed, createInflateRaw({ chunkSize: PIECE }), () => {});
  let size = 0;
  let crc = 0;
  for await (const piece of plain as AsyncIterable<Buffer>) {
    size += piece.length;
    crc = crc32(piece, crc);
    if (size > entry.uncompressedSize) break;
  }
  return { size, crc };
}
