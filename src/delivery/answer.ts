import type { ObjectKind } from '../ports/generation.ts';
import type { Growing } from '../ports/growing.ts';
import type { PulledKind } from '../ports/pull-through.ts';
import type { BlobReader } from '../ports/store.ts';

/** What was answered, for those who count: an object, the index, or nothing that this relay holds. */
export type AnswerKind = ObjectKind | PulledKind | 'index' | 'none';

/** By field name. One object may be shared by many answers. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** Bytes `start` up to, not including, `end`. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** One stretch of a body: bytes at hand, or a slice of what is being answered. */
export type Part = Buffer | Slice;

/** A blob that is read from disk, as long as nobody has brought it into memory. */
export interface BodyReader extends BlobReader {
  /** The bytes from `start` to `end` without reading them, once they are in memory. */
  slice?(start: number, end: number): Buffer | undefined;
}

/** A body that was not in memory when it was asked for. Whoever gets it closes the reader. */
export interface BlobBody {
  readonly reader: BodyReader;
  readonly parts: readonly Part[];
}

/** A body that is still coming. */
export interface GrowingBody {
  readonly growing: Growing;
  readonly parts: readonly Part[];
}

/** An answer as a value: nothing is written before `sendAnswer` gets it. */
export interface Answer {
  readonly status: number;
  /** With Content-Length wherever the status may have a body: nothing is ever chunked (docs/protocol.md §5). */
  readonly headers: AnswerHeaders;
  readonly body: Buffer | BlobBody | GrowingBody | null;
  readonly kind: AnswerKind;
  /**
   * `hit`: from this relay's disk or memory. `miss`: it comes from a source, for this request; `collapsed`: for another one that came
   * before (RFC 9211 §2.4). `stale`: from disk, as no source could be asked whether it still holds. `none`: nothing was looked up, or nothing found.
   */
  readonly cache: 'hit' | 'miss' | 'collapsed' | 'stale' | 'none';
  /** The generation it was answered from; 0 while there is none. */
  readonly generation: number;
}
