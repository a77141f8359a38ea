/** What an object of a generation is. `program` is an agent program package named in the index. */
export type ObjectKind = 'pattern' | 'incremental' | 'engine' | 'program' | 'signature';

/**
 * How an object was judged before it was published: `structure` is size, ZIP structure and every CRC;
 * `size` is size alone, for what the checker cannot judge (signatures, encrypted or unknown archives).
 */
export type Proof = 'structure' | 'size';

/** One object of a generation. Its identity is (path, version, size), never a URL: names recur (docs/protocol.md). */
export interface GenerationObject {
  /** As the index writes it: `pattern/vsapi241.zip`. Signatures: as the rule derives it. */
  readonly path: string;
  readonly kind: ObjectKind;
  /** The manifest's id: `P.4`, `E.10`, `Info_524_10000_1_5889`; a signature has that of the object it signs. */
  readonly component: string;
  /** As the index writes it; null for programs and signatures, which carry none. An incremental has its FROM-version. */
  readonly version: string | null;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. Names the blob. */
  readonly sha256: string;
  readonly proof: Proof;
  /** Base URL of the update source it came from, without credentials. */
  readonly source: string;
  /** ISO 8601. */
  readonly fetchedAt: string;
}

/** The index as received. Its bytes are a blob like any other. */
export interface GenerationIndex {
  readonly sha256: string;
  readonly size: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What a generation lists and has not fetched: the first agent that asks for it begins a flight (docs/adr/0006-on-demand.md). */
export type OnDemandObject = Pick<GenerationObject, 'path' | 'component' | 'version' | 'size'> & {
  readonly kind: Exclude<ObjectKind, 'signature'>;
};

/** What the mirror hands over for publication. */
export interface GenerationDraft {
  /** Base URL of the update source the index came from, without credentials. */
  readonly source: string;
  readonly index: GenerationIndex;
  readonly objects: readonly GenerationObject[];
  readonly onDemand: readonly OnDemandObject[];
  /** Paths the index names and the source does not have: program packages only (docs/protocol.md). */
  readonly absent: readonly string[];
}

/** An immutable set of one moment: an index, and all its objects, those on demand excepted. */
export interface Generation extends GenerationDraft {
  /** Counts up from 1, never reused. */
  readonly number: number;
  /** ISO 8601. */
  readonly publishedAt: string;
}
