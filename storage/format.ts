import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { RelayError } from '../src/errors/relay-error.ts';
import { writeDurably } from './durable-write.ts';
import { EARLY_NAMES, isTemporaryName, type Layout } from './layout.ts';
import { readPlainFile } from './plain-file.ts';
import { naming } from './system-error.ts';

/** Counts up when the files of a store change so that an older relay would misread them. */
const VERSION = 1;

const content = (fingerprint: string): string =>
  `${JSON.stringify({ store: 'update-agent-relay', format: VERSION, fingerprint })}\n`;

/**
 * Looks at the folder without writing: `ours` is a store of this format and fingerprint, `free` holds nothing.
 * Everything else throws RLY_STORAGE_FORMAT: a store written under other settings would be misread,
 * and a folder of somebody else is not for us to fill, sweep and collect in.
 */
export async function judgeFolder(layout: Layout, fingerprint: string): Promise<'ours' | 'free'> {
  const found = await readPlainFile(layout.format);
  if ('reason' in found) {
    const foreign = await foreignName(layout);
    if (foreign === undefined) return 'free';
    throw refusal(layout, `it holds “${foreign}”, and no file ${basename(layout.format)} that says it is a store`);
  }
  const expected = content(fingerprint).trim();
  const text = found.bytes.toString().trim();
  if (text === expected) return 'ours';
  throw refusal(layout, `its file ${basename(layout.format)} says ${text || 'nothing'}, expected ${expected}`);
}

/** Throws RLY_STORAGE_FORMAT for anything but a store of this format, also for a folder that is still to become one. */
export async function requireStore(layout: Layout): Promise<void> {
  if (!existsSync(layout.root) || (await judgeFolder(layout, '')) === 'free')
    throw refusal(layout, 'there is none yet');
}

/** Makes a free folder ours. */
export async function writeFormat(layout: Layout, fingerprint: string): Promise<void> {
  await writeDurably(layout, layout.format, Buffer.from(content(fingerprint)));
}

async function foreignName(layout: Layout): Promise<string | undefined> {
  const names = await naming(layout.root, () => readdir(layout.root));
  const foreign = names.find((name) => !EARLY_NAMES.has(name));
  if (foreign !== undefined || !names.includes(basename(layout.temporaries))) return foreign;
  // `tmp` is a name anybody might use, and ours is swept: it must hold nothing but our own unfinished files.
  const inside = await naming(layout.temporaries, () => readdir(layout.temporaries));
  return inside.find((name) => !isTemporaryName(name));
}

const refusal = (layout: Layout, reason: string): RelayError =>
  new RelayError('RLY_STORAGE_FORMAT', { path: layout.root, reason });
