import type { Blob } from '../ports/store.ts';
import type { AnswerHeaders, AnswerKind } from './answer.ts';

/** What a path stands for in one generation, with everything about its answer that no request changes. */
export interface Representation {
  /** As the index writes it; `server.ini` for the index. */
  readonly path: string;
  readonly kind: Exclude<AnswerKind, 'none'>;
  readonly generation: number;
  readonly content: Blob;
  /** Content-Type. */
  readonly type: string;
  /** Strong: the content's SHA-256 in hex, as the log and `sha256sum` write it. */
  readonly etag: string;
  /** Of every answer to this path. */
  readonly headers: AnswerHeaders;
  /** Of the whole. */
  readonly wholeHeaders: AnswerHeaders;
}

/**
 * Prepares the answers to one path. Called once a generation, so that a request builds next to nothing.
 * There is no Last-Modified (see `evaluate`), and `no-cache` keeps a proxy between agent and relay from serving one of
 * the many names whose content changes (docs/protocol.md §4) without asking.
 */
export function createRepresentation(
  of: Pick<Representation, 'path' | 'kind' | 'generation' | 'content'>,
): Representation {
  const { sha256, size } = of.content;
  const type = of.kind === 'index' ? 'text/plain' : 'application/octet-stream';
  const etag = `"${sha256}"`;
  const headers = {
    ETag: etag,
    'Cache-Control': 'no-cache',
    'Cache-Status': 'relay; hit', // RFC 9211 §2
    'X-Relay-Generation': String(of.generation),
  };
  const wholeHeaders = {
    'Content-Type': type,
    'Content-Length': String(size),
    'Accept-Ranges': 'bytes',
    'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`, // RFC 9530 §3
    ...headers,
  };
  return { ...of, type, etag, headers, wholeHeaders };
}
