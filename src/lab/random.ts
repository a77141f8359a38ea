import { createCipheriv, hash } from 'node:crypto';

const ZERO_IV = Buffer.alloc(16);

/** `length` bytes that look random and are the same for the same key: AES-256-CTR over zeros, some 1 GB/s a core. */
export function keystream(key: string, length: number): Buffer {
  return createCipheriv('aes-256-ctr', hash('sha256', key, 'buffer'), ZERO_IV).update(Buffer.alloc(length));
}

/** A number in [0, 1) that looks random and is the same for the same key. */
export function fraction(key: string): number {
  return hash('sha256', key, 'buffer').readUInt32BE(0) / 2 ** 32;
}
