import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

export interface ZipEntry {
  /** A folder, when it ends with a slash. */
  readonly name: string;
  readonly data: Buffer;
  /** Deflated unless false. */
  readonly compress?: boolean;
  /** Written as a stream of unknown length: sizes and CRC-32 stand behind the data. */
  readonly streamed?: boolean;
  /** With sizes of 8 bytes, needed or not. */
  readonly zip64?: boolean;
}

/** A ZIP with these entries. */
export function makeZip(
  entries: readonly ZipEntry[],
  end: { readonly comment?: string; readonly forceZip64Format?: boolean } = {},
): Promise<Buffer> {
  const zip = new ZipFile();
  for (const { name, data, compress = true, streamed = false, zip64 = false } of entries) {
    const mtime = new Date(Date.UTC(2024, 6, 1));
    if (name.endsWith('/')) zip.addEmptyDirectory(name, { mtime });
    else if (streamed) zip.addReadStream(Readable.from([data]), name, { mtime, compress, forceZip64Format: zip64 });
    else zip.addBuffer(data, name, { mtime, compress, forceZip64Format: zip64 });
  }
  zip.end({ comment: '', forceZip64Format: false, ...end });
  return buffer(zip.outputStream);
}
