import type { ManifestObject } from '../manifest/model.ts';
import type { ObjectSink, Validators } from '../upstream/upstream.ts';

/** Where an agent keeps what it fetches, and what it remembers from one run to the next. */
export interface Home {
  /** Versions held when the run began, by component id. */
  readonly versions: ReadonlyMap<string, string>;
  /** The SHA-256 of an object of this identity (path, version, size) that earlier runs left here whole; else null. */
  find(object: ManifestObject): Promise<string | null>;
  /**
   * Opens a place for what comes under `path`. With an `identity`, what an earlier run left of the same object is taken up;
   * without one (signatures) nothing is.
   */
  open(path: string, identity: string | null): Promise<HomeSink>;
  /** Remembers the versions held now, and what this run fetched. */
  save(versions: ReadonlyMap<string, string>, fetched: readonly FetchedObject[]): Promise<void>;
}

/** A sink that ends with `commit` or `abort`. */
export interface HomeSink extends ObjectSink {
  /** What binds the bytes it holds already; null when it holds none. */
  readonly validators: Validators | null;
  /** Remembers what binds the bytes to come, also for a later run where the home keeps bytes. */
  bind(validators: Validators): Promise<void>;
  /** What was written is whole. Answers its SHA-256 in lower-case hex. */
  commit(): Promise<string>;
  /** Ends without commit; what could be continued later is kept. Safe to call after commit. */
  abort(): Promise<void>;
}

export interface FetchedObject {
  readonly object: ManifestObject;
  /** Lower-case hex. */
  readonly sha256: string;
}
