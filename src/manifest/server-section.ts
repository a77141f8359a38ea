import { linesOf, readLine } from './lines.ts';

/** What becomes of the [Server] section of an index that agents are served. */
export type ServerSection = 'keep' | 'comment';

/**
 * The index as agents get it. A client that honours [Server] would fetch from the Internet and bypass the relay; the
 * vendor's procedure for files that are hosted elsewhere puts a `;` before each of its lines (docs/protocol.md §4,
 * "[Server] trap"). `comment` does that and changes no other byte; a second time it changes nothing.
 */
export function withServerSection(bytes: Uint8Array, option: ServerSection): Buffer {
  const index = Buffer.from(bytes);
  if (option === 'keep') return index;

  const parts: Buffer[] = [];
  let copied = 0;
  let inServer = false;
  for (const { start, end } of linesOf(index)) {
    const content = readLine(index.toString('utf8', start, end));
    if (content.type === 'section') inServer = content.name.toLowerCase() === 'server';
    if (!inServer || content.type === 'nothing') continue;
    parts.push(index.subarray(copied, start), SEMICOLON);
    copied = start;
  }
  return Buffer.concat([...parts, index.subarray(copied)]);
}

const SEMICOLON = Buffer.from(';');
