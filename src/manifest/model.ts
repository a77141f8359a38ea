/** What an object of the index is; a signature is none of them: the index lists no signatures. */
export type ManifestKind = 'pattern' | 'incremental' | 'engine' | 'program';

/**
 * One file the index names. Its identity is (path, version, size), never the path alone: many names keep
 * while their content changes (docs/protocol.md §4).
 */
export interface ManifestObject {
  /** As written, trimmed: `pattern/vsapi241.zip`. */
  readonly path: string;
  /** What tables are keyed by: `canonicalPath(path)`. */
  readonly key: string;
  readonly kind: ManifestKind;
  /** `P.4` (also of its incrementals), `E.10`, `Info_524_10000_1_5889`; a legacy key of its own: `Path_VSAPI`. */
  readonly component: string;
  /** As written. An incremental has its FROM-version; programs and some legacy keys have none. */
  readonly version: string | null;
  /** Bytes. */
  readonly size: number;
  /** 1-based line of the entry that names it. */
  readonly line: number;
}

/** A pattern or an engine: what an agent has in one version or another. */
export interface Component {
  /** `P.4`, `E.10`. */
  readonly id: string;
  readonly kind: 'pattern' | 'engine';
  /** For people: the known name, else the name the index gives (engines), else the id. */
  readonly name: string;
  readonly full: ManifestObject;
  /** In the order `Merge.1`, `Merge.2`, …; empty for engines. */
  readonly incrementals: readonly ManifestObject[];
  /** The oldest version that can still be replaced; engines only. */
  readonly minimumVersion: string | null;
}

/** Something in the index that names no object and was left out, for the log. */
export interface ManifestNotice {
  readonly line: number;
  readonly text: string;
}

/** A server.ini, understood, with the bytes it was received as. */
export interface Manifest {
  /** Exactly what was parsed; what agents are served (docs/protocol.md §4, "Keep the bytes"). */
  readonly bytes: Buffer;
  /** Patterns, then engines, each in the order of the file. */
  readonly components: readonly Component[];
  /** Packages of the `[Info_…]` sections whose path no component has, each path once. */
  readonly programs: readonly ManifestObject[];
  /** Everything listed, each path once: components and legacy keys in the order of the file, then the programs. */
  readonly objects: readonly ManifestObject[];
  readonly notices: readonly ManifestNotice[];
  /** Bytes of all objects together. */
  readonly totalSize: number;
}

/** (path, version, size) as one string: what is the same here is the same content. No part can hold a comma. */
export function objectIdentity(object: Pick<ManifestObject, 'key' | 'version' | 'size'>): string {
  return `${object.key},${object.version ?? ''},${object.size}`;
}
