import { type Entry, fromRandomAccessReaderPromise } from 'yauzl';
import type { Proof } from '../ports/generation.ts';
import { checkEntry } from './check-entry.ts';
import { type EndRecord, isZip64 } from './end-record.ts';
import type { ZipSource } from './zip-source.ts';

/** Bytes an archive may unpack to before it is left unjudged: more is a bomb, or takes longer than it is worth. */
const MOST_UNPACKED = 4 * 1024 ** 3;

/** Bytes of an entry in the directory, without its name, extra field and comment (APPNOTE.TXT §4.3.12). */
const DIRECTORY_ENTRY = 46;

/**
 * Checks the ZIP that ends with `end`: the directory fills its place, each entry agrees with its local header and
 * unpacks to its size and CRC-32. Names are compared, never used. 'size' when something in it cannot be judged:
 * encryption, a method other than stored and deflated, ZIP64, more than 4 GiB. Throws an Error that says what is wrong.
 */
export async function checkZip(source: ZipSource, end: EndRecord): Promise<Proof> {
  // The frame of a ZIP64 stands in records of its own, which nothing below 4 GiB needs; its entries are checked.
  const framed = !isZip64(end);
  if (framed) assertEndRecord(end);
  const zip = await fromRandomAccessReaderPromise(source, source.size, { decodeStrings: false });
  let judged = framed;
  let unpacked = 0;
  let directory = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      unpacked += entry.uncompressedSize;
      if (unpacked > MOST_UNPACKED) return 'size';
      const proof = await checkEntry(zip, entry, source, framed ? end.directoryStart : end.at);
      judged &&= proof === 'structure';
      directory += directoryBytes(entry);
    }
  } catch (error) {
    // yauzl stops here; the bit says that not even the directory can be believed.
    if (error instanceof Error && error.message.startsWith('strong encryption')) return 'size';
    throw error;
  }
  if (framed && directory !== end.directorySize) {
    throw new Error(`its directory has ${directory} bytes, its end says ${end.directorySize}`);
  }
  return judged ? 'structure' : 'size';
}

function assertEndRecord({ disk, directoryDisk, entriesHere, entries, ...end }: EndRecord): void {
  if (disk !== 0 || directoryDisk !== 0 || entriesHere !== entries) throw new Error('it is one part of several');
  if (end.directoryStart + end.directorySize !== end.at) throw new Error('its directory does not reach to its end');
}

function directoryBytes({ fileNameLength, extraFieldLength, fileCommentLength }: Entry): number {
  return DIRECTORY_ENTRY + fileNameLength + extraFieldLength + fileCommentLength;
}
