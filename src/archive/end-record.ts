import type { RandomReader } from '../ports/store.ts';

/** The end-of-central-directory record of a ZIP (APPNOTE.TXT §4.3.16). Positions and sizes in bytes. */
export interface EndRecord {
  /** Where the record begins. */
  readonly at: number;
  /** Of this part of a split archive, and of the part where the directory begins: 0 in an archive of one piece. */
  readonly disk: number;
  readonly directoryDisk: number;
  /** Entries on this disk, and in all. */
  readonly entriesHere: number;
  readonly entries: number;
  readonly directorySize: number;
  readonly directoryStart: number;
}

const SIGNATURE = 0x06054b50;
const LENGTH = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * Finds the record at the end of `reader`, or null. It counts only when its comment reaches to the very last byte:
 * four bytes alone come up by chance in one of 65,000 files that are no ZIP.
 */
export async function findEndRecord(reader: RandomReader): Promise<EndRecord | null> {
  const tail = Buffer.alloc(Math.min(reader.size, LENGTH + LONGEST_COMMENT));
  const start = reader.size - tail.length;
  await reader.read(tail, start);
  for (let i = tail.length - LENGTH; i >= 0; i -= 1) {
    const found = tail.readUInt32LE(i) === SIGNATURE && i + LENGTH + tail.readUInt16LE(i + 20) === tail.length;
    if (found) return parse(tail.subarray(i), start + i);
  }
  return null;
}

function parse(record: Buffer, at: number): EndRecord {
  return {
    at,
    disk: record.readUInt16LE(4),
    directoryDisk: record.readUInt16LE(6),
    entriesHere: record.readUInt16LE(8),
    entries: record.readUInt16LE(10),
    directorySize: record.readUInt32LE(12),
    directoryStart: record.readUInt32LE(16),
  };
}

/** Whether any field is saturated: then the true values stand in a ZIP64 record (APPNOTE.TXT §4.4.1.4). */
export function isZip64({ entries, directorySize, directoryStart }: EndRecord): boolean {
  return entries === 0xffff || directorySize === 0xffffffff || directoryStart === 0xffffffff;
}
