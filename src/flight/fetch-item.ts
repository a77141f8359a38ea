import { objectIdentity } from '../manifest/model.ts';
import { canonicalPath } from '../manifest/path.ts';
import type { ObjectKind } from '../ports/generation.ts';

/** One object to fetch. */
export interface FetchItem {
  readonly path: string;
  readonly kind: ObjectKind;
  readonly component: string;
  readonly version: string | null;
  /** Bytes the index lists; null for a signature, which no index lists. */
  readonly size: number | null;
  /** What another source has to list before this may come from there: the identity of the object, or of the one signed. */
  readonly listing: string;
}

/** What a thing is the same by. */
export type Identifiable = Pick<FetchItem, 'path' | 'kind' | 'version' | 'size'>;

/** (path, version, size) as one string. A signature's size is no part of it: no index lists it. */
export function identityOf({ path, kind, version, size }: Identifiable): string {
  return objectIdentity({ key: canonicalPath(path), version, size: kind === 'signature' ? 0 : (size ?? 0) });
}

/** A program package, or the signature of one. */
export function isOfProgram({ component }: Pick<FetchItem, 'component'>): boolean {
  return component.startsWith('Info_');
}

/** An engine, or the signature of one. */
export function isOfEngine({ component }: Pick<FetchItem, 'component'>): boolean {
  return component.startsWith('E.');
}
