import type { IncomingHttpHeaders } from 'node:http';
import type { CutKind } from './faults.ts';

/** What a path stands for at this moment. */
export interface LabContent {
  readonly bytes: Buffer;
  readonly type: string;
  readonly encoding: string | null;
  readonly etag: string | null;
  readonly lastModified: Date | null;
}

/** An answer as a value, before anything of it is on the wire. */
export interface LabAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Null: none is named, and the end of the connection ends the body (RFC 9112 §6.3). */
  readonly contentLength: number | null;
  readonly bytesPerSecond: number | null;
  readonly cut: { readonly how: CutKind; readonly after: number | null; readonly when: Promise<unknown> | null } | null;
}

/** An answer without content. */
export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): LabAnswer {
  return { status, headers, body: Buffer.alloc(0), contentLength: 0, bytesPerSecond: null, cut: null };
}

/** Conditions first, then the range (RFC 9110 §13.2.2): 304, 206, 416 or 200. */
export function answerWith(content: LabContent, headers: IncomingHttpHeaders): LabAnswer {
  const validators = {
    ...(content.etag !== null && { ETag: content.etag }),
    ...(content.lastModified && { 'Last-Modified': content.lastModified.toUTCString() }),
  };
  if (isNotModified(content, headers)) return emptyAnswer(304, validators);

  const { length } = content.bytes;
  const common = {
    ...validators,
    'Content-Type': content.type,
    'Accept-Ranges': 'bytes',
    ...(content.encoding !== null && { 'Content-Encoding': content.encoding }),
  };
  const range = rangeApplies(content, headers) ? readRange(headers.range, length) : 'none';
  if (range === 'none') return { ...emptyAnswer(200, common), body: content.bytes, contentLength: length };
  if (range === 'unsatisfiable') return emptyAnswer(416, { ...validators, 'Content-Range': `bytes */${length}` });

  const body = content.bytes.subarray(range.start, range.end);
  const contentRange = `bytes ${range.start}-${range.end - 1}/${length}`;
  return { ...emptyAnswer(206, { ...common, 'Content-Range': contentRange }), body, contentLength: body.length };
}

/** The same request for the whole. */
export function withoutRange(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { ...headers, range: undefined, 'if-range': undefined };
}

// RFC 9110 §13.1.2: weak comparison; §13.1.3: only where there is no If-None-Match.
function isNotModified({ etag, lastModified }: LabContent, headers: IncomingHttpHeaders): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) {
    return (
      tags.trim() === '*' || (etag !== null && tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag))
    );
  }
  const since = headers['if-modified-since'];
  return since !== undefined && lastModified !== null && lastModified.getTime() <= Date.parse(since);
}

// RFC 9110 §13.1.5: the strong tag, or the very date that was sent.
function rangeApplies({ etag, lastModified }: LabContent, headers: IncomingHttpHeaders): boolean {
  const condition = headers['if-range'];
  if (typeof condition !== 'string') return true;
  return condition === etag || condition === lastModified?.toUTCString();
}

type ByteRange = { readonly start: number; readonly end: number };

// RFC 9110 §14.1.2. One range; several, or something else, are ignored, as a server may.
function readRange(range: string | undefined, length: number): ByteRange | 'none' | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(range ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return 'none';
  if (first === '') {
    return last === '0' ? 'unsatisfiable' : { start: Math.max(0, length - Number(last)), end: length };
  }
  const start = Number(first);
  const end = last === '' ? length : Math.min(Number(last) + 1, length);
  if (start >= length) return 'unsatisfiable';
  return start < end ? { start, end } : 'none';
}
