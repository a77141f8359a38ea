import { mkdir } from 'node:fs/promises';
import { type Clock, systemClock } from '../src/ports/clock.ts';
import type { Store } from '../src/ports/store.ts';
import type { Wish } from './accountant.ts';
import { createAudit } from './audit-log.ts';
import { createBlobStore } from './blob-store.ts';
import { checkBlob } from './check-blob.ts';
import { collect } from './collect.ts';
import { syncFolder } from './durable-write.ts';
import { evict } from './evict.ts';
import { judgeFolder, writeFormat } from './format.ts';
import { createGenerationStore } from './generation-store.ts';
import { createIdentities } from './identities.ts';
import { FOLDER_MODE, type Layout, layoutOf } from './layout.ts';
import { openLedger, type Reservation } from './ledger.ts';
import { acquireLock } from './lock.ts';
import { createNotes } from './notes.ts';
import { mend } from './mend.ts';
import { createObjectList } from './object-list.ts';
import { createParts } from './parts.ts';
import { createRecentlyUsed } from './recently-used.ts';
import { requireOwn } from './ownership.ts';
import { recover } from './recovery.ts';
import { serial } from './serial.ts';
import { naming } from './system-error.ts';

export interface StoreOptions {
  /** The folder of the store. Made if it is not there. */
  readonly path: string;
  /** Bytes all blobs together may have. */
  readonly maxSize: number;
  /** Bytes the file system keeps free. */
  readonly minFree: number;
  /** How many generations stay, at least 1. */
  readonly keepGenerations: number;
  readonly clock?: Clock;
  /** What else shapes the store: one written under another fingerprint is refused. */
  readonly fingerprint?: string;
}

/**
 * Opens the store in a folder, alone: recovers from whatever the last process left, and holds the lock until `close`.
 * Throws RLY_STORAGE_OWNER for a folder that others may write in, RLY_STORAGE_FORMAT for one that is not the relay's, RLY_STORAGE_LOCKED for one in use,
 * and RLY_STORAGE_READ_ONLY, _DENIED, _FULL or _IO where the system refuses.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { clock = systemClock, fingerprint = '' } = options;
  const layout = layoutOf(options.path);
  await naming(layout.root, () => mkdir(layout.root, { mode: FOLDER_MODE, recursive: true }));
  await requireOwn(layout);
  await judgeFolder(layout, fingerprint);
  const lock = acquireLock(layout, new Date(clock.now()));
  try {
    await prepareFolder(layout, fingerprint);
    return await openLocked(layout, options, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Judged again under the lock: another process may have made the folder its own, and gone, in between. */
async function prepareFolder(layout: Layout, fingerprint: string): Promise<void> {
  const state = await judgeFolder(layout, fingerprint);
  await makeFolder(layout.temporaries);
  if (state === 'free') await writeFormat(layout, fingerprint);
  await makeFolder(layout.generations);
  await makeFolder(layout.blobs);
  await makeFolder(layout.parts);
  await naming(layout.root, () => syncFolder(layout.root));
}

async function makeFolder(path: string): Promise<void> {
  await naming(path, () => mkdir(path, { mode: FOLDER_MODE, recursive: true }));
}

async function openLocked(layout: Layout, options: StoreOptions, release: () => void): Promise<Store> {
  const recovered = await recover(layout);
  const held = [...recovered.blobs.values(), ...recovered.parts.values()].reduce((sum, size) => sum + size, 0);
  const ledger = openLedger(layout, options, held);
  const parts = createParts(layout, ledger, recovered.parts);
  const blobs = createBlobStore(layout, { ...ledger, reserve: reserveWithRoom }, parts, recovered.blobs);
  const staging = createObjectList(layout, layout.staging, recovered.staged, blobs.mentioned);
  const fillList = createObjectList(layout, layout.fills, recovered.fills, blobs.mentioned);
  const fills = createRecentlyUsed(fillList, ({ identity }) => identity);
  const responseList = createObjectList(layout, layout.responses, recovered.responses, blobs.mentioned);
  const responses = createRecentlyUsed(responseList, ({ key }) => key);
  const identities = createIdentities(layout, recovered.identities);
  const generations = createGenerationStore(layout, blobs, recovered);
  const content = { blobs, generations, staging, fills, responses, parts, keep: options.keepGenerations };
  const notes = createNotes(layout, recovered.notes);
  // What a collection may delete is decided by what is published: never both at once.
  const inTurn = serial();

  async function reserveWithRoom(wish: Wish): Promise<Reservation> {
    const lacking = await ledger.shortfall(wish);
    if (lacking > 0) await inTurn(() => evict(content, lacking));
    return ledger.reserve(wish);
  }

  return {
    blobs,
    staging,
    fills,
    notes,
    responses,
    identities,
    audit: createAudit(layout, options.clock ?? systemClock),
    generations: {
      ...generations,
      publish: (draft, publishedAt) =>
        inTurn(async () => {
          const generation = await generations.publish(draft, publishedAt);
          blobs.allMentioned();
          // The generation is out whatever becomes of this; the next start drops what it has from the staging.
          await staging.retain(() => false).catch(() => {});
          return generation;
        }),
    },
    recovery: recovered.report,
    usage: () => ledger.usage(),
    collect: (pinned) => inTurn(() => collect(content, pinned)),
    close: () =>
      inTurn(async () => {
        await notes.close();
        // What is lost of it costs a conditional request; a disk that is full keeps nobody from stopping.
        await responseList.flush().catch(() => {});
        release();
      }),
    inventory: () => [...blobs.list()].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
    check: (blob, pace) => checkBlob(blobs, inTurn, blob, pace),
    mend: (pinned) => inTurn(() => mend({ layout, generations, blobs }, pinned)),
  };
}
