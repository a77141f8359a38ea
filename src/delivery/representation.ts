import type { Take } from '../ports/on-demand.ts';
import type { Blob } from '../ports/store.ts';
import type { AnswerHeaders, AnswerKind } from './answer.ts';
import type { WholePlan } from './plan.ts';

/** What a path stands for in one generation, as far as an answer is planned from it. */
export interface Outline {
  /** As the index writes it; `server.ini` for the index. */
  readonly path: string;
  readonly kind: Exclude<AnswerKind, 'none'>;
  readonly generation: number;
  /** Bytes. */
  readonly size: number;
  /** Content-Type. */
  readonly type: string;
  /** Strong: the content's SHA-256 in hex, as the log and `sha256sum` write it; of a take, its tag. */
  readonly etag: string;
  /** What no content holds: parts of several ranges are told apart by it. */
  readonly boundary: string;
  /** Of every answer to this path. */
  readonly headers: AnswerHeaders;
  /** Of the whole. */
  readonly wholeHeaders: AnswerHeaders;
  /** The answer to most requests: all of it. */
  readonly whole: WholePlan;
}

/** The same with content that is on disk. */
export interface Representation extends Outline {
  readonly content: Blob;
  /** The id of what it belongs to; empty for the index. */
  readonly component: string;
}

/** What the answers to one path begin with. */
type Place = Pick<Outline, 'path' | 'kind' | 'generation'>;

/** What an answer tells caches on its way, and about this one (RFC 9111 §5.2, RFC 9211). */
export interface CacheHeaders {
  readonly 'Cache-Control': string;
  readonly 'Cache-Status': string;
}

/**
 * Of what an index lists, on disk. `no-cache` keeps a proxy between agent and relay from serving one of the many names whose
 * content changes (docs/protocol.md §4) without asking.
 */
const HIT: CacheHeaders = { 'Cache-Control': 'no-cache', 'Cache-Status': 'relay; hit' };

/**
 * Prepares the answers to one path. Called once a generation, so that a request builds next to nothing.
 * There is no Last-Modified (see `evaluate`).
 */
export function createRepresentation({
  content,
  component,
  ...place
}: Place & Pick<Representation, 'content' | 'component'>): Representation {
  return { ...outlineOfBlob(place, content, HIT), content, component };
}

/** The same for one answer: what it tells caches is its own. */
export function outlineOfBlob(place: Place, content: Blob, cache: CacheHeaders): Outline {
  const { sha256, size } = content;
  const etag = `"${sha256}"`;
  const digest = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`; // RFC 9530 §3
  const of = { ...place, size, etag, boundary: sha256.slice(0, 32) };
  return outlineOf(of, cache, { 'Repr-Digest': digest });
}

/** The same for an object that comes now: its take has a name, and no hash yet. */
export function outlineOfTake(place: Place, take: Take, cache: CacheHeaders): Outline {
  const of = { ...place, size: take.size, etag: `"${take.tag}"`, boundary: take.tag };
  return outlineOf(of, cache, {});
}

function outlineOf(
  of: Omit<Outline, 'type' | 'headers' | 'wholeHeaders' | 'whole'>,
  cache: CacheHeaders,
  more: AnswerHeaders,
): Outline {
  const type = of.kind === 'index' ? 'text/plain' : 'application/octet-stream';
  const headers = {
    ETag: of.etag,
    ...cache,
    'X-Relay-Generation': String(of.generation),
  };
  const wholeHeaders = {
    'Content-Type': type,
    'Content-Length': String(of.size),
    'Accept-Ranges': 'bytes',
    ...more,
    ...headers,
  };
  const whole = { status: 200, headers: wholeHeaders, parts: [{ start: 0, end: of.size }] } as const;
  return { ...of, type, headers, wholeHeaders, whole };
}
