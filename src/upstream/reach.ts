/** The entry with the longest prefix that `url` lies below, segment by segment; undefined where there is none. */
export function entryFor<E extends { readonly prefix: string }>(url: string, entries: readonly E[]): E | undefined {
  return entries
    .filter(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`))
    .reduce<E | undefined>(
      (best, entry) => (best && best.prefix.length >= entry.prefix.length ? best : entry),
      undefined,
    );
}
