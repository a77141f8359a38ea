import type { Audit } from './audit.ts';
import type { Generation, GenerationDraft, GenerationObject, Proof } from './generation.ts';
import type { Notes } from './notes.ts';
import type { PulledKind } from './pull-through.ts';

/** A published blob, immutable, named by its hash. */
export interface Blob {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** Where the bytes of a part are from: with a strong validator that source can go on with them. */
export interface PartNote {
  /** Base URL of the update source. */
  readonly source: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Bytes that can be read at any position. */
export interface RandomReader {
  /** Bytes. */
  readonly size: number;
  /** Fills `target` from `position`; answers how many bytes it got, fewer only at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
}

/** An open blob. While it is open it is not collected. A file that ends early is RLY_STORAGE_BLOB_BROKEN, never a short read. */
export interface BlobReader extends RandomReader, AsyncDisposable {
  readonly sha256: string;
  close(): Promise<void>;
}

/**
 * A blob in the making: a temporary file inside the store that counts and hashes what it is given.
 * It ends with `commit`, `abort` or `keep`; every other end leaves a temporary that the next start sweeps, or a part.
 */
export interface BlobWriter extends RandomReader {
  /** Bytes written so far. */
  readonly size: number;
  /** Of a part: where the bytes are from that it began with. Null where there were none. */
  readonly found: PartNote | null;
  /** Appends, one call after the other; `chunk` may be reused afterwards. Throws RLY_STORAGE_LIMIT beyond what was reserved. */
  write(chunk: Uint8Array): Promise<void>;
  /** Of a part: says, durably, where the bytes to come are from. */
  note(from: PartNote): Promise<void>;
  /** Throws away what was written so far and starts again at byte 0. */
  restart(): Promise<void>;
  /**
   * fsync, rename to the hash, fsync of the folder; only then is it a blob. Throws RLY_STORAGE_LIMIT when an exact size
   * was reserved and not met. `announce` is told between fsync and rename: what it notes durably is never missing for a
   * blob that is there, whenever the process dies; that the blob is missing for a note, a reader has to expect.
   */
  commit(announce?: (blob: Blob) => Promise<void>): Promise<Blob>;
  /** Deletes the temporary and gives the reservation back. Safe to call twice, and after commit. */
  abort(): Promise<void>;
  /** Ends it without a blob. Of a part, what was written stays for the next writer of that part, also in another process. */
  keep(): Promise<void>;
}

/** Waited for after each piece of a long read, with its bytes: whoever has it read decides how fast. */
export type Pace = (bytes: number) => Promise<void>;

/** Content-addressed bytes on disk. */
export interface BlobStore {
  /**
   * Reserves `bytes` in the ledger and opens a writer. `exact`: the blob has just this size; otherwise it is the limit.
   * `part`: a name by which the download can be gone on with when it does not end; one writer at a time. Where room is
   * lacking, what is of least use goes: what nothing holds, parts, stored responses, fills. Throws RLY_STORAGE_FULL where that is not enough.
   */
  create(bytes: number, options?: { exact?: boolean; part?: string | undefined }): Promise<BlobWriter>;
  /** Whether a regular file of this size lies under this hash. Never follows a link. */
  has(blob: Blob): Promise<boolean>;
  /** Opens for reading. Throws RLY_STORAGE_BLOB_BROKEN when it is gone, short, a link or no regular file. */
  open(blob: Blob): Promise<BlobReader>;
  /** Reads the whole and checks the hash. Throws RLY_STORAGE_BLOB_BROKEN; a blob of another hash is deleted, so that it is fetched again. */
  read(blob: Blob): Promise<Buffer>;
  /** Deletes the parts in nobody's hands whose name is not to be kept. */
  retainParts(keep: (part: string) => boolean): Promise<void>;
}

/** An object that is whole and verified, but in no generation yet: what survives a killed update. */
export interface StagedObject extends GenerationObject {
  /** The index it was fetched for. A signature is good for this index only. */
  readonly index: string;
}

/** What an unfinished update has already brought home; durable, so that nothing whole is fetched twice. */
export interface Staging {
  /** Everything staged, in the order it came. At the start those without a blob are dropped; later one may lack it. */
  list(): readonly StagedObject[];
  /** Durable when it resolves. */
  add(object: StagedObject): Promise<void>;
  /** Forgets those for which `keep` is false. */
  retain(keep: (object: StagedObject) => boolean): Promise<void>;
}

/** An object of a generation that came on demand. It can be lost and fetched again, so it may go where room is lacking. */
export interface Fill extends GenerationObject {
  /** (path, version, size) as one string; see `objectIdentity`. */
  readonly identity: string;
}

/** What came on demand; durable. */
export interface Fills {
  list(): readonly Fill[];
  /** Asking for one is using it: the least recently used go first. */
  get(identity: string): Fill | undefined;
  /** In place of an earlier one with this identity. Durable when it resolves. */
  add(fill: Fill): Promise<void>;
  /** Forgets those for which `keep` is false. */
  retain(keep: (fill: Fill) => boolean): Promise<void>;
}

/** What a source answered to a path that no index lists, kept as a cache keeps it (RFC 9111 §3). It may go where room is lacking. */
export interface StoredResponse extends Blob {
  /** What it is asked for by: the canonical path below a tree. */
  readonly key: string;
  /** As it was asked for upstream. */
  readonly path: string;
  readonly kind: PulledKind;
  readonly proof: Proof;
  /** Base URL of the update source it came from, without credentials. */
  readonly source: string;
  /** When its bytes came. ISO 8601. */
  readonly fetchedAt: string;
  /** When its source last said that it holds. ISO 8601. */
  readonly checkedAt: string;
  /** The fields that say how long it may be used and what it can be compared by, by lower-case name. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Stored responses; durable. */
export interface StoredResponses {
  list(): readonly StoredResponse[];
  /** Asking for one is using it: the least recently used go first. */
  get(key: string): StoredResponse | undefined;
  /** In place of an earlier one with this key. Durable when it resolves. */
  add(response: StoredResponse): Promise<void>;
  /**
   * The one with this key and blob was found unchanged. In memory at once, on disk when the list is next written or the
   * store is closed: what a kill loses of it costs one more conditional request.
   */
  renew(response: StoredResponse): void;
  /** Forgets those for which `keep` is false. */
  retain(keep: (response: StoredResponse) => boolean): Promise<void>;
}

/** That this content came under this identity. */
export interface SeenContent {
  /** (path, version, size) as one string; see `objectIdentity`. */
  readonly identity: string;
  readonly sha256: string;
}

/**
 * What came under which identity, also where generation and blob are gone: the measure for an identity that comes a second
 * time with other bytes. It is bounded: what has not been seen for long is forgotten.
 */
export interface Identities {
  /** The SHA-256 of what came under it the last time. */
  get(identity: string): string | undefined;
  /** Durable when it resolves. */
  remember(contents: readonly SeenContent[]): Promise<void>;
}

/** The generations on disk and the one pointer that says which is current. */
export interface GenerationStore {
  current(): Generation | undefined;
  get(number: number): Generation | undefined;
  /** Newest first. */
  list(): readonly Generation[];
  /** Checks that every blob is there, writes the generation, swaps the pointer, empties the staging. All or nothing. */
  publish(draft: GenerationDraft, publishedAt: Date): Promise<Generation>;
}

/** How full the store is. Bytes. */
export interface StorageUsage {
  /** Held by blobs, and by parts in nobody's hands. */
  readonly bytes: number;
  /** Promised to downloads under way. */
  readonly reserved: number;
  readonly maxBytes: number;
}

/** What recovery at start found and mended. */
export interface RecoveryReport {
  /** Unfinished files, and generations whose publication was killed before its last step. */
  readonly temporariesSwept: number;
  /** Why the pointer could not be trusted, or null. */
  readonly pointerMended: string | null;
  /** Generations that did not validate, each with the reason; left on disk, never served. */
  readonly generationsRefused: readonly { readonly number: number; readonly reason: string }[];
  /** The one that is served although it lacks objects, because none is whole; or null. */
  readonly generationLacking: { readonly number: number; readonly reason: string } | null;
  readonly blobs: number;
  /** Downloads that can be gone on with. */
  readonly parts: number;
  /** Why notes could not be read, all of them or some, and are forgotten; or null. */
  readonly notesForgotten: string | null;
  /** Names in the store that the relay did not write. Left alone. */
  readonly unknown: readonly string[];
}

/** The store as the domain sees it: one folder, one process. */
export interface Store {
  readonly blobs: BlobStore;
  readonly generations: GenerationStore;
  readonly staging: Staging;
  readonly fills: Fills;
  readonly notes: Notes;
  readonly responses: StoredResponses;
  readonly identities: Identities;
  readonly audit: Audit;
  readonly recovery: RecoveryReport;
  usage(): StorageUsage;
  /**
   * Retires generations beyond the last N, except those in `pinned`, and deletes blobs nothing holds. Answers the bytes freed;
   * what cannot be deleted keeps nothing else, and is thrown at the end.
   */
  collect(pinned: ReadonlySet<number>): Promise<number>;
  /** Every blob in the books, in the order of their names. */
  inventory(): readonly Blob[];
  /**
   * Reads a blob piece by piece, and answers why it is not what its name says, or null. One that is not is deleted, so that
   * it counts as missing; one that was collected meanwhile is none of those. Throws RLY_STORAGE_* where the system is at fault.
   */
  check(blob: Blob, pace?: Pace): Promise<string | null>;
  /**
   * Writes anew what lies damaged on disk and is right in memory: generation files, the pointer. Once there is a current
   * generation, deletes those that were refused at the start, and those that lack blobs and are not in `pinned`.
   */
  mend(pinned: ReadonlySet<number>): Promise<void>;
  /** Releases the lock. Nothing may be called afterwards. */
  close(): Promise<void>;
}
