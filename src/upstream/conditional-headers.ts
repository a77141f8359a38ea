import type { Validators } from './upstream.ts';

/** The request fields that ask for an answer only if it is another one (RFC 9110 §13.1); none without validators. */
export function conditionalHeaders({ etag, lastModified }: Validators): Record<string, string> {
  return {
    ...(etag !== null && { 'if-none-match': etag }),
    ...(lastModified !== null && { 'if-modified-since': lastModified }),
  };
}
