import { Type, type TProperties, type TSchema } from 'typebox';

/** Entries of a page unless told otherwise, and at the most: an answer of some 300 KiB. */
const USUAL = 100;
const MOST = 1000;

/** What asks for one page of a list. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MOST, description: `Entries, at most; ${USUAL} without it.` }),
  ),
  offset: Type.Optional(Type.Integer({ minimum: 0, description: 'Entries left out before them; 0 without it.' })),
};

export interface PageQuery {
  readonly limit?: number;
  readonly offset?: number;
}

/** The schema of a page of a list, and of what stands beside it. */
export const pageOf = <T extends TSchema, P extends TProperties>(item: T, beside: P) =>
  Type.Object({
    ...beside,
    total: Type.Integer({ minimum: 0, description: 'Entries of the whole list.' }),
    offset: Type.Integer({ minimum: 0 }),
    items: Type.Array(item),
  });

/** One page of a list. Pure. */
export function page<T>(
  list: readonly T[],
  { limit = USUAL, offset = 0 }: PageQuery,
): { total: number; offset: number; items: T[] } {
  return { total: list.length, offset, items: list.slice(offset, offset + limit) };
}
