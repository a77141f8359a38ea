import { createHash } from 'node:crypto';

/** SHA-256 in lower-case hex: what names a blob, and what guards the store's own files. */
export const checksum = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
