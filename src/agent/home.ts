import type { ManifestObject } from '../manifest/model.ts';
import type { ObjectSink } from '../upstream/upstream.ts';

/** Where an agent keeps what it fetches, and what it remembers from one run to the next. */
export interface Home {
  /** Versions held when the run began, by component id. */
  readonly versions: ReadonlyMap<string, string>;
  /** The SHA-256 of an object of this identity (path, version, size) that earlier runs left here whole; else null. */
  find(object: ManifestObject): Promise<string | null>;
  /** Opens a place for what comes under `path`. */
  open(path: string): Promise<HomeSink>;
  /** Remembers the versions held now, and what this run fetched. */
  save(versions: ReadonlyMap<string, string>, fetched: readonly FetchedObject[]): Promise<void>;
}

/** A sink that ends with `commit` or `abort`. */
export interface HomeSink extends ObjectSink {
  /** What was written is whole. Answers its SHA-256 in lower-case hex. */
  commit(): Promise<string>;
  /** Throws away what is not committed. Safe to call after commit. */
  abort(): Promise<void>;
}

export interface FetchedObject {
  readonly object: ManifestObject;
  /** Lower-case hex. */
  readonly sha256: string;
}
