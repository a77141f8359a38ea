import { RelayError } from '../errors/relay-error.ts';
import type { Proof } from '../ports/generation.ts';
import type { RandomReader } from '../ports/store.ts';
import { checkZip } from './check-zip.ts';
import { findEndRecord } from './end-record.ts';
import { ZipSource } from './zip-source.ts';

const LOCAL_HEADER = Buffer.from('PK\x03\x04');
/** Only so much of the beginning is looked at: a page's doctype comes early. */
const HEAD = 1024;
const WEB_PAGE = /^\s*<(?:!doctype\s+html|html[\s>])/i;

/**
 * Judges the content of an object (SECURITY.md, "Proven before it is published"). 'structure': it is a ZIP
 * and every byte of content in it is proven. 'size': it is no ZIP, or one that cannot be judged; nobody documents the
 * formats of incrementals, so what is unknown is not wrong. `path` is for the message only. Throws RLY_ARCHIVE_DAMAGED
 * for an empty file, a web page, and anything that begins or ends as a ZIP and is not a whole one; errors of `reader`
 * pass through.
 */
export async function checkArchive(reader: RandomReader, path: string): Promise<Proof> {
  if (reader.size === 0) throw damaged(path, 'it is empty');
  const head = Buffer.alloc(Math.min(reader.size, HEAD));
  await reader.read(head, 0);
  const end = await findEndRecord(reader);
  if (!end && head.subarray(0, LOCAL_HEADER.length).equals(LOCAL_HEADER)) {
    throw damaged(path, 'it begins as a ZIP, but does not end as one');
  }
  if (!end) {
    if (WEB_PAGE.test(head.toString('utf8'))) throw damaged(path, 'it is a web page');
    return 'size';
  }
  const source = new ZipSource(reader);
  try {
    return await checkZip(source, end);
  } catch (error) {
    if (source.failure !== null) throw source.failure;
    throw damaged(path, error instanceof Error ? error.message : String(error), error);
  }
}

function damaged(path: string, reason: string, cause?: unknown): RelayError {
  return new RelayError('RLY_ARCHIVE_DAMAGED', { path, reason }, { cause });
}
