/** The request fields that make it conditional, as Node's `IncomingHttpHeaders` has them. */
export interface ConditionalFields {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-range'?: string | undefined;
}

/**
 * Evaluates the preconditions of a GET or HEAD for a representation with this strong ETag, in the order of
 * RFC 9110 §13.2.2. If-Unmodified-Since and If-Modified-Since are not heeded, as §13.1.3 and §13.1.4 demand where there
 * is no modification date. There is none because a date lies when the relay goes back to an older generation:
 * the agent would be told that nothing has changed.
 */
export function evaluate(fields: ConditionalFields, etag: string): 'proceed' | 'not-modified' | 'failed' {
  const match = fields['if-match'];
  // Strong comparison: a weak tag never matches (§13.1.1).
  if (match !== undefined && match.trim() !== '*' && !tagsOf(match).includes(etag)) return 'failed';
  const noneMatch = fields['if-none-match'];
  if (noneMatch === undefined) return 'proceed';
  // Weak comparison: the W/ is not looked at (§13.1.2).
  const same = noneMatch === etag || noneMatch.trim() === '*' || tagsOf(noneMatch).some((tag) => opaque(tag) === etag);
  return same ? 'not-modified' : 'proceed';
}

/**
 * Whether Range is to be heeded (RFC 9110 §13.1.5): If-Range is absent, or is this strong ETag. A date never is
 * right here, as there is no Last-Modified it could equal.
 */
export function rangeHolds(fields: ConditionalFields, etag: string): boolean {
  const ifRange = fields['if-range'];
  return ifRange === undefined || ifRange.trim() === etag;
}

/** The entity-tags of a list; what is none is passed over (RFC 9110 §8.8.3). */
function tagsOf(list: string): readonly string[] {
  return list.match(/(?:W\/)?"[\u0021\u0023-\u007e\u0080-\u00ff]*"/g) ?? [];
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
