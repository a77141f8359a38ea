import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { checksum } from './checksum.ts';

/** Where things lie under `storage.path`. Every path the store touches is made here, from numbers and hashes only. */
export interface Layout {
  readonly root: string;
  /** Says that the folder is a store, and of which kind. */
  readonly format: string;
  /** Held by the kernel while a process owns the store; always empty. */
  readonly lock: string;
  /** Who holds the lock, for people. */
  readonly owner: string;
  /** The pointer: which generation is current. */
  readonly current: string;
  readonly generations: string;
  readonly blobs: string;
  /** Unfinished files; on the same file system, so that a rename makes them real. Swept at start. */
  readonly temporaries: string;
  readonly staging: string;
  readonly fills: string;
  readonly responses: string;
  /** What was seen under which identity, also where it is gone by now. */
  readonly identities: string;
  /** Downloads that have begun, each with a note beside it. */
  readonly parts: string;
  /** Small documents; see `Notes` of the ports. */
  readonly notes: string;
  /** Who changed what; see audit-file.ts. */
  readonly audit: string;
}

const NAMES: Omit<Layout, 'root'> = {
  format: 'format',
  lock: 'lock',
  owner: 'owner',
  current: 'current',
  generations: 'generations',
  blobs: 'blobs',
  temporaries: 'tmp',
  staging: 'staging',
  fills: 'fills',
  responses: 'responses',
  identities: 'identities',
  parts: 'parts',
  notes: 'notes',
  audit: 'audit',
};

export function layoutOf(root: string): Layout {
  const under = (name: keyof typeof NAMES): string => join(root, NAMES[name]);
  return {
    root,
    format: under('format'),
    lock: under('lock'),
    owner: under('owner'),
    current: under('current'),
    generations: under('generations'),
    blobs: under('blobs'),
    temporaries: under('temporaries'),
    staging: under('staging'),
    fills: under('fills'),
    responses: under('responses'),
    identities: under('identities'),
    parts: under('parts'),
    notes: under('notes'),
    audit: under('audit'),
  };
}

/** A new ext4 file system brings `lost+found`; a volume mounted at `storage.path` is still empty with it. */
const LOST_AND_FOUND = 'lost+found';

/** Every name that belongs at the top of a store. */
export const TOP_NAMES: ReadonlySet<string> = new Set([...Object.values(NAMES), LOST_AND_FOUND]);

/** Those that may be there before the folder is a store: a start killed early leaves them. */
export const EARLY_NAMES: ReadonlySet<string> = new Set([NAMES.lock, NAMES.owner, NAMES.temporaries, LOST_AND_FOUND]);

export const generationPath = (layout: Layout, number: number): string => join(layout.generations, String(number));

/** 256 folders keep each one short; nothing else depends on the split. */
export const blobFolder = (layout: Layout, sha256: string): string => join(layout.blobs, sha256.slice(0, 2));

export const blobPath = (layout: Layout, sha256: string): string => join(blobFolder(layout, sha256), sha256);

/** What a part is called upstream is no file name: its hash is. */
export const partPath = (layout: Layout, part: string): string => join(layout.parts, checksum(part));

export const partNotePath = (layout: Layout, part: string): string => `${partPath(layout, part)}.note`;

/** A name in `tmp` that nothing has. */
export const temporaryPath = (layout: Layout): string => join(layout.temporaries, randomUUID());

export const isTemporaryName = (name: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);

/** Only such a text ever becomes the name of a blob's file: names from upstream are no file names (SECURITY.md). */
export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Nobody but the relay's user reads or writes the store: domain settings in it may be secret. */
export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;
