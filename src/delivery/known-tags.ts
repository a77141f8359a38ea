import type { OnDemand } from '../ports/on-demand.ts';
import type { ContentRequest } from './plan.ts';

/** The tag of a take as the ETag of an answer has it. */
const TAKE = /"([0-9a-f]{32})"/g;

/**
 * The request with the tags of takes replaced by those of the content they came to: an agent that was cut off while an object
 * came goes on with it now that it is home, and is told `not modified` of what it got so.
 */
export function withKnownTags<R extends ContentRequest>(request: R, onDemand: Pick<OnDemand, 'contentOf'>): R {
  const { 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  if (ifRange === undefined && ifNoneMatch === undefined) return request;
  const known = (value: string | undefined): string | undefined =>
    value?.replace(TAKE, (tag, name: string) => {
      const sha256 = onDemand.contentOf(name);
      return sha256 === undefined ? tag : `"${sha256}"`;
    });
  const headers = { ...request.headers, 'if-range': known(ifRange), 'if-none-match': known(ifNoneMatch) };
  return { ...request, headers };
}
