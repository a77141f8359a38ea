/** The fields of an answer by which it may be kept and used again (RFC 9111), by lower-case name. */
export type CacheFields = Readonly<Record<string, string>>;

/** Those fields. Cookies are not among them: the relay hands none on, so none can be the reason to ask again. */
const NAMES = ['age', 'cache-control', 'date', 'etag', 'expires', 'last-modified', 'pragma', 'vary'];

/** What of them an answer has. `header`: a field's value by its lower-case name; null when absent. */
export function cacheFields(header: (name: string) => string | null): CacheFields {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = header(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
