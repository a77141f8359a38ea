import type { ContentRequest } from './plan.ts';

/** The request without a Range field that no If-Range binds to one content: two halves of two contents would pass for one. */
export function withoutBlindRange<R extends ContentRequest>(request: R): R {
  const { range: _, ...headers } = request.headers;
  return headers['if-range'] === undefined ? { ...request, headers } : request;
}
