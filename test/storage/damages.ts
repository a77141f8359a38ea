import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs } from '../support/tool.ts';

export interface Damage {
  /** How the store tells it. */
  readonly reason: RegExp;
  /** Does it to the file of a blob, whose bytes are these. */
  readonly make: (path: string, bytes: Buffer) => void;
  readonly options?: { readonly skip: string | false };
}

/** What can befall a blob's file. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  gone: { reason: /^is gone$/, make: (path) => rmSync(path) },
  truncated: {
    reason: /^has \d+ bytes, expected \d+$/,
    make: (path, bytes) => truncateSync(path, bytes.length - 1),
  },
  grown: {
    reason: /^has \d+ bytes, expected \d+$/,
    make: (path, bytes) => writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(1)])),
  },
  'flipped in one bit': { reason: /^has the hash [0-9a-f]{64}$/, make: (path) => flipBit(path) },
  'a link to the right bytes': {
    reason: /^is a link$/,
    make: (path) => {
      const target = elsewhere();
      copyFileSync(path, target);
      rmSync(path);
      symlinkSync(target, path);
    },
  },
  'a folder': {
    reason: /^is no regular file/,
    make: (path) => {
      rmSync(path);
      mkdirSync(join(path, 'with', 'content'), { recursive: true });
    },
  },
  'a FIFO': {
    reason: /^is no regular file$/,
    make: (path) => {
      rmSync(path);
      spawnSync('mkfifo', [path]);
    },
    options: needs('mkfifo'),
  },
};

/** A name outside of every store; gone with the process. */
function elsewhere(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relay-elsewhere-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'target');
}

/** Turns one bit in the middle of a file over. */
export function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(path, bytes);
}
