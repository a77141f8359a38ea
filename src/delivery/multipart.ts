import type { Part, Slice } from './answer.ts';
import { contentRange } from './ranges.ts';

/** A body of several ranges. */
export interface Multipart {
  /** Value of Content-Type. */
  readonly type: string;
  readonly parts: readonly Part[];
  /** Bytes of all parts. */
  readonly length: number;
}

/**
 * Frames slices of one content as multipart/byteranges (RFC 9110 §14.6). The boundary is taken from the content's
 * SHA-256 in hex, or is the random tag of a take: no content can hold its own hash, nor what was thrown for it afterwards,
 * so nothing has to be searched and the answer can be repeated.
 */
export function multipart(
  slices: readonly Slice[],
  content: { size: number; boundary: string; type: string },
): Multipart {
  const { boundary } = content;
  const parts = slices.flatMap((slice, n): Part[] => [
    Buffer.from(
      `${n === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${content.type}\r\n` +
        `Content-Range: ${contentRange(slice, content.size)}\r\n\r\n`,
    ),
    slice,
  ]);
  parts.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  return { type: `multipart/byteranges; boundary=${boundary}`, parts, length: totalLength(parts) };
}

/** Bytes of all parts together. */
export function totalLength(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + (Buffer.isBuffer(part) ? part.length : part.end - part.start), 0);
}
