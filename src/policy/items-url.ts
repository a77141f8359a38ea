import { normaliseBaseUrl } from '../config/base-url.ts';
import type { SourceType } from '../upstream/source.ts';
import type { ItemKind } from './item-kind.ts';

/**
 * The base URL of a source's items of one kind (docs/protocol.md §3), in one spelling.
 *
 * | kind           | below it                                | OfficeScan server | Update Agent, other URL | ActiveUpdate |
 * | -------------- | --------------------------------------- | ----------------- | ----------------------- | ------------ |
 * | components     | `server.ini`, and what it lists         | URL + `/download` | URL                     | URL          |
 * | programs       | `hotfix_pccnt/…`, `hotfix_admin/…`      | URL               | URL + `/OfficeScan`     |              |
 * | domainSettings | `DOMAIN/ofcscan.ini` at an Update Agent | URL               | URL                     |              |
 *
 * A URL of the list that ends with `/download` is laid out as an OfficeScan server is: it is the base of one's components.
 */
export function itemsUrl({ source, type }: { source: string; type: SourceType }, kind: ItemKind): string {
  const url = normaliseBaseUrl(source);
  if (type === 'officeScanServer') return kind === 'components' ? `${url}/download` : url;
  if (kind === 'components') return url;
  const server = url.replace(/\/download$/i, '');
  return kind === 'programs' && server === url ? `${url}/OfficeScan` : server;
}
