import type { CacheHandling } from '../ports/pull-through.ts';

/** The value of Cache-Status (RFC 9211). A copy that is given though it is not fresh is a hit with a negative `ttl` (§2.5). */
export function cacheStatus({ fwd, fwdStatus, collapsed, stored, ttl, detail }: CacheHandling): string {
  const parameters = [
    fwd === null ? 'hit' : `fwd=${fwd}`,
    fwdStatus === null ? null : `fwd-status=${fwdStatus}`,
    `ttl=${ttl}`,
    fwdStatus === 200 && stored ? 'stored' : null,
    collapsed ? 'collapsed' : null,
    detail === null ? null : `detail=${detail}`,
  ];
  return ['relay', ...parameters.filter((parameter) => parameter !== null)].join('; ');
}
