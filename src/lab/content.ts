import { buffer } from 'node:stream/consumers';
import { deflateRawSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { keystream } from './random.ts';

/** What a synthetic file is made of. */
export type Packing = 'zip' | 'opaque' | 'signature';

/** Bytes. No file is smaller: a ZIP of two entries needs 206 bytes for its structure alone. */
export const SMALLEST_FILE = 256;

/** Bytes. The format of real signatures is unknown (docs/protocol.md §4); these are recognisable and opaque. */
export const SIGNATURE_SIZE = 384;

/** Exactly `size` bytes, at least SMALLEST_FILE; the same for the same key on every machine and in every time zone. */
export async function makeContent(packing: Packing, key: string, size: number): Promise<Buffer> {
  if (packing === 'zip') return makeZip(key, size);
  if (packing === 'opaque') return keystream(key, size);
  return Buffer.concat([Buffer.from(`LAB SIGNATURE ${key}\n`), keystream(key, size)]).subarray(0, size);
}

// Bytes. Two local headers of 30, two central records of 46, four times a name of 8, and the end record of 22.
const ZIP_STRUCTURE = 2 * (30 + 46 + 2 * 8) + 22;

// Bytes. Deflate runs at tens of MB/s, and only has to be exercised: the rest of a big archive is stored.
const LONGEST_TEXT = 1024 * 1024;

const DEFLATE = { level: 1 };

// yazl writes the local time of day into the archive, so this is local time too: the same bytes in every time zone.
const ENTRY = { mtime: new Date(2026, 0, 5, 6), mode: 0o100644, forceDosTimestamp: true };

// A deflated text and a stored rest, which fills the archive up to the size the index lists.
async function makeZip(key: string, size: number): Promise<Buffer> {
  const room = size - ZIP_STRUCTURE;
  // Two hexadecimal digits a byte: half of the room, and deflate makes some 60 % of it.
  const text = Buffer.from(keystream(`${key} text`, Math.min(room >> 2, LONGEST_TEXT >> 1)).toString('hex'));
  const stored = keystream(key, room - deflateRawSync(text, DEFLATE).length);

  const zip = new ZipFile();
  zip.addBuffer(text, 'text.ini', { ...ENTRY, compressionLevel: DEFLATE.level });
  zip.addBuffer(stored, 'data.bin', { ...ENTRY, compress: false });
  zip.end();
  return buffer(zip.outputStream);
}
