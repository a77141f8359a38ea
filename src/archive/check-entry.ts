import type { Entry, LocalFileHeader, ZipFile } from 'yauzl';
import type { Proof } from '../ports/generation.ts';
import { unpack } from './unpack.ts';
import type { ZipSource } from './zip-source.ts';

/** General purpose bits that change what the data is (APPNOTE.TXT §4.4.4): encrypted, strongly so, UTF-8, masked. */
const MEANINGFUL_FLAGS = 0x2841;
/** Size and CRC-32 stand behind the data, because the writer did not know them before. */
const HAS_DESCRIPTOR = 0x0008;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
/** Bytes: signature, CRC-32, two sizes of 8. The directory and the end record behind it are longer. */
const LONGEST_DESCRIPTOR = 24;
/** Stands where the true value is in a ZIP64 extra field. */
const IN_ZIP64 = 0xffffffff;

/**
 * Checks one entry: its local header says the same as the directory, its data lies before `directoryStart` and unpacks
 * to its size and CRC-32. 'size' when the data cannot be unpacked here. Throws an Error that says what is wrong.
 */
export async function checkEntry(
  zip: ZipFile,
  entry: Entry,
  source: ZipSource,
  directoryStart: number,
): Promise<Proof> {
  const local = await zip.readLocalFileHeaderPromise(entry);
  const where = `entry ${zip.entriesRead} at byte ${entry.relativeOffsetOfLocalHeader}`;
  const contradiction = compare(entry, local);
  if (contradiction !== null) throw new Error(`${where} has two ${contradiction}`);
  const dataEnd = local.fileDataStart + entry.compressedSize;
  if (dataEnd > directoryStart) throw new Error(`${where} reaches into the directory`);
  if (!entry.canDecodeFileData()) return 'size';

  const { size, crc } = await unpack(zip, entry);
  if (size !== entry.uncompressedSize)
    throw new Error(`${where} unpacks to ${size} bytes, expected ${entry.uncompressedSize}`);
  if (crc !== entry.crc32) throw new Error(`${where} has a wrong CRC-32: ${hex(crc)}, expected ${hex(entry.crc32)}`);
  if ((local.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0) {
    const descriptor = await source.slice(dataEnd, LONGEST_DESCRIPTOR);
    if (!describes(descriptor, entry)) throw new Error(`${where} is followed by a wrong data descriptor`);
  }
  return 'structure';
}

/** What the directory and a local header do not agree on, or null. */
function compare(entry: Entry, local: LocalFileHeader): string | null {
  if (((entry.generalPurposeBitFlag ^ local.generalPurposeBitFlag) & MEANINGFUL_FLAGS) !== 0) return 'sets of flags';
  if (entry.compressionMethod !== local.compressionMethod) return 'methods';
  if (!entry.fileNameRaw.equals(local.fileName)) return 'names';
  if ((local.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0) return null;
  if (entry.crc32 !== local.crc32) return 'checksums';
  if (local.compressedSize !== IN_ZIP64 && local.compressedSize !== entry.compressedSize) return 'packed sizes';
  if (local.uncompressedSize !== IN_ZIP64 && local.uncompressedSize !== entry.uncompressedSize) return 'sizes';
  return null;
}

/** Whether these bytes begin with the entry's data descriptor; its signature is optional (APPNOTE.TXT §4.3.9). */
function describes(bytes: Buffer, { crc32: crc, compressedSize, uncompressedSize }: Entry): boolean {
  const fields = bytes.readUInt32LE(0) === DESCRIPTOR_SIGNATURE ? bytes.subarray(4) : bytes;
  if (fields.readUInt32LE(0) !== crc) return false;
  if (fields.readUInt32LE(4) === compressedSize && fields.readUInt32LE(8) === uncompressedSize) return true;
  // An entry in ZIP64 format has sizes of 8 bytes here.
  return (
    fields.readBigUInt64LE(4) === BigInt(compressedSize) && fields.readBigUInt64LE(12) === BigInt(uncompressedSize)
  );
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
