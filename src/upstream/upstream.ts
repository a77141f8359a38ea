import type { Reach } from '../config/read-reach.ts';
import type { Provenance } from '../ports/provenance.ts';
import type { ReceivedLedger } from './byte-ledger.ts';
import type { CacheFields } from './cache-fields.ts';
import type { UpdateSource } from './source.ts';
import type { WanSettings } from './wan-windows.ts';

/** What makes a later request conditional (RFC 9110 §13.1). Null where the source sent none. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** The index, or that it is still the one the validators name; and how it hangs together with its origin, either way. */
export type IndexAnswer = Provenance &
  ({ readonly state: 'unchanged' } | ({ readonly state: 'fetched'; readonly bytes: Buffer } & Validators));

/** Where an object's bytes go. A store's `BlobWriter` is one; so is an agent's file. */
export interface ObjectSink {
  /** Bytes it holds already. */
  readonly size: number;
  write(chunk: Uint8Array): Promise<void>;
  /** Throws away what it holds. */
  restart(): Promise<void>;
}

export interface ObjectRequest {
  readonly source: Pick<UpdateSource, 'url'>;
  /** Relative to the source's base, as the index writes it. */
  readonly path: string;
  /** Which kind of item the ledger books it under; components, unless it says otherwise. */
  readonly kind?: string;
  /** `exact`: bytes the index lists; anything else is refused. `limit`: for what no index lists (signatures). */
  readonly size: { readonly exact: number } | { readonly limit: number };
  readonly sink: ObjectSink;
  /**
   * Binds what the sink holds already: without a strong ETag here a non-empty sink is restarted. With one, a sink
   * that holds `exact` bytes is done, and no request is made.
   */
  readonly validators?: Validators;
  /**
   * Whether what the sink holds may be gone on with though no validator binds it to this source, because the caller proves the
   * whole. Asked at each try.
   */
  readonly joinable?: () => boolean;
  /** Called and awaited before the sink gets bytes that nothing but that proof binds to those it holds. */
  readonly onJoin?: () => Promise<void>;
  /**
   * Whether somebody waits for it: read whenever the WAN budget decides, for that may change under way. Without it nobody does.
   */
  readonly priority?: () => 'urgent' | 'prefetch';
  readonly signal?: AbortSignal;
  /**
   * Called and awaited when a whole answer begins, before its first byte reaches the empty sink: what binds the bytes to
   * come. For sinks that outlive the process.
   */
  readonly onValidators?: (validators: Validators) => Promise<void>;
  /** Called with the sink's size whenever it changed. */
  readonly onProgress?: ((size: number) => void) | undefined;
}

export interface ObjectAnswer extends Validators {
  /** Body bytes that came over the network, retries included. */
  readonly received: number;
}

/** What a source says of a whole resource before its bytes. */
export interface ResourceHead {
  /** Bytes; null where nobody knows before the end. */
  readonly length: number | null;
  readonly fields: CacheFields;
}

/** A request for what no index lists. */
export interface ResourceRequest {
  readonly source: UpdateSource;
  /** Relative to the source's base. */
  readonly path: string;
  /** Which kind of item the ledger books it under. */
  readonly kind: string;
  /** The most bytes it may have. */
  readonly limit: number;
  /** Of the copy that is here; null asks for the whole. */
  readonly validators: Validators | null;
  /**
   * Says where the bytes go, when a whole answer begins. Called again when it had to begin anew: what the first got is worth nothing.
   * `mayGoOn`: the sink may have the beginning of what that answer has, bound to it by a strong validator; only the rest is asked for then.
   */
  readonly open: (head: ResourceHead, mayGoOn: boolean) => Promise<ObjectSink>;
  /** Called with the sink's size whenever it changed. */
  readonly onProgress?: (size: number) => void;
  /** Stands for the path wherever it would be shown: in errors and events. */
  readonly shownAs?: string | undefined;
  readonly signal?: AbortSignal;
}

export type ResourceAnswer = { readonly state: 'unchanged' | 'fetched'; readonly fields: CacheFields };

/**
 * The only door outward. Every failure is a catalogue error that names the URL, what was expected and what was found;
 * retries with back-off happen inside, so a rejection means that this source cannot deliver now. A source that wants to be left
 * alone is not asked (RLY_UPSTREAM_NOT_BEFORE). An abort (the
 * caller's signal, or `close`) rejects at once with the signal's reason. Errors of a sink pass through.
 */
export interface Upstream {
  /** Conditional where validators are given. RLY_UPSTREAM_NOT_FOUND on 404. */
  fetchIndex(source: UpdateSource, validators: Validators | null, signal?: AbortSignal): Promise<IndexAnswer>;
  /** Streams one object into its sink: exact size, deadlines, minimum rate, resume. RLY_UPSTREAM_NOT_FOUND on 404. */
  fetchObject(request: ObjectRequest): Promise<ObjectAnswer>;
  /** Asks whether a resource is still the one that is here, and streams it into a sink where it is not. RLY_UPSTREAM_NOT_FOUND on 404 and 410. */
  fetchResource(request: ResourceRequest): Promise<ResourceAnswer>;
  /** Body bytes received since the start, by source and kind: of failed tries too, and of answers nobody wanted. */
  readonly received: ReceivedLedger;
  /** From now on sources are reached so; what is under way ends as it began. */
  reach(entries: readonly Reach[]): void;
  /** From now on this is what all sources together may take of the line; for what is under way, too. */
  limit(wan: WanSettings): void;
  /** Cuts whatever is under way. */
  close(): Promise<void>;
}
