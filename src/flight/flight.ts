import { checkArchive } from '../archive/check-archive.ts';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { GenerationObject, Proof } from '../ports/generation.ts';
import type { MemoryClaim } from '../ports/memory.ts';
import type { BlobWriter } from '../ports/store.ts';
import type { Take } from '../ports/on-demand.ts';
import type { UpdateSource } from '../upstream/source.ts';
import { fetchAhead } from './ahead.ts';
import type { Candidates } from './candidates.ts';
import type { FlightContext } from './context.ts';
import { refuseEquivocation, refuseOther } from './equivocation.ts';
import { SIGNATURE_LIMIT } from '../manifest/path.ts';
import { type FetchItem, isOfProgram } from './fetch-item.ts';
import { isAboutTheObject, isAway, isOfTheSource, isWorthless } from './judge-failure.ts';
import { openWriter } from './open-writer.ts';
import type { PassingWriter } from './passing-writer.ts';
import { createTakes } from './takes.ts';

/** Who sent it, and what becomes of what it brings. */
export interface FlightOrders {
  readonly item: FetchItem;
  readonly candidates: Candidates;
  readonly signal: AbortSignal;
  /** Memory for the content, where somebody is to read it while it comes. */
  readonly claim?: MemoryClaim | undefined;
  /** SHA-256 of the content, where it is to come anew. */
  readonly expected?: string | undefined;
  /** Called when the whole is here and proven: rejects where its source may have moved on meanwhile. */
  readonly confirm?: (source: UpdateSource) => Promise<void>;
  /** Notes durably what the blob is, before it is there. */
  readonly note: (object: GenerationObject) => Promise<void>;
  /** Called with the bytes of the object that are here. */
  readonly onProgress?: (held: number) => void;
  /** Called when a source has not what it lists. */
  readonly onRefused?: (source: UpdateSource, error: RelayError) => void;
}

/**
 * Milliseconds without a byte until those who follow a download are cut. Their connections may stand still for 60 s
 * (delivery/listener-options.ts).
 */
const WHILE = 30_000;

/** Milliseconds between two rounds of the sources then. */
const LOOK_AGAIN = 2_000;

/** One object on its way home. */
export interface Flight {
  /**
   * The object, proven and noted. Rejects with the error of the first candidate when none has it, with RLY_OBJECT_MOVED_ON when
   * there is none, with the error of the disk.
   */
  readonly home: Promise<GenerationObject>;
  /** The take whose bytes come now, once its first byte may leave. Rejects as `home` does. Not for what has no listed size. */
  join(): Promise<Take>;
  /** When it is home: whether it is on disk. */
  readonly isBlob: () => boolean;
  /** When it is home: the take that was; and the memory that holds it, where it found no room on disk. */
  landed(): { readonly take: Take; readonly passedBy: MemoryClaim | undefined };
}

/**
 * Brings one object home from the first candidate that has it whole (docs/adr/0006-on-demand.md). What one candidate could not
 * finish the next goes on with, if the whole can be proven then; else it begins at byte 0. `onWorthless`: called when bytes that have left
 * turned out to be.
 */
export function startFlight(orders: FlightOrders, context: FlightContext, onWorthless: () => void): Flight {
  const { item, claim } = orders;
  const takes = createTakes({
    item,
    events: context.events,
    onWorthless,
    monotonic: () => context.clock.monotonic(),
    runAhead: (start, bound, memory, onGrew) => {
      const like = { ...requestTo({ url: bound.source }), validators: bound };
      return fetchAhead({ like, start, memory, upstream: context.upstream, onGrew });
    },
  });
  let passedBy: MemoryClaim | undefined;
  /** Whether an agent has asked for it: one that has gone may come back any moment. */
  let isWaitedFor = false;
  const home = fly();
  home.catch((error: unknown) => {
    takes.end(isRelayError(error) ? error : interrupted(error));
    claim?.release();
  });

  async function fly(): Promise<GenerationObject> {
    const opened = await openWriter(item, context.store.blobs, claim);
    try {
      await takes.begin(opened.writer, claim?.buffer);
      return await tryForAWhile(opened);
    } finally {
      // After a commit there is nothing left to keep.
      await opened.writer.keep();
    }
  }

  /** Agents that have a part of it already are not cut because every source is away for a moment. */
  async function tryForAWhile(opened: PassingWriter): Promise<GenerationObject> {
    const { clock } = context;
    let [most, until] = [0, 0];
    for (let round = 1; ; round += 1) {
      // One absence, however often it is met: the source is not to be left alone the longer for it.
      const outcome = await tryCandidates(opened, round === 1);
      if (!Array.isArray(outcome)) return outcome;
      const { size } = opened.writer;
      const now = clock.monotonic();
      // Only what never was here before is progress: a source may begin anew each time.
      if (size > most) [most, until] = [size, now + WHILE];
      if (!isWaitedFor || now >= until || !outcome.some(isAway)) {
        throw outcome[0] ?? new RelayError('RLY_OBJECT_NO_SOURCE', { path: item.path });
      }
      await clock.sleep(LOOK_AGAIN, orders.signal);
    }
  }

  /** The object from the first candidate that has it; or what was wrong with each, which `counts` against it or not. */
  async function tryCandidates(
    { writer, isOnDisk }: PassingWriter,
    counts: boolean,
  ): Promise<GenerationObject | RelayError[]> {
    const failures: RelayError[] = [];
    for await (const source of orders.candidates(item)) {
      try {
        const proof = await bringFrom(source, writer);
        await refuseEquivocation(writer, item, source, context);
        await refuseOther(writer, { path: item.path, expected: orders.expected }, source);
        await orders.confirm?.(source);
        return await land(writer, { source, proof, isOnDisk });
      } catch (error) {
        if (!isOfTheSource(error)) throw error;
        // Some files have no signature (docs/protocol.md §4): the source of the index knows best.
        if (item.kind === 'signature' && isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) throw error;
        if (isWorthless(error)) await takes.discard(error.message);
        if (isAboutTheObject(error)) orders.onRefused?.(source, error);
        else if (counts) context.health.failed(source.url, error);
        failures.push(error);
        const told = { path: item.path, source: source.url, error: `${error.code}: ${error.message}` };
        context.events.emit('object.failed', told);
      }
    }
    return failures;
  }

  /** The whole from one source, or the rest of what others have begun; proven. */
  async function bringFrom(source: UpdateSource, writer: BlobWriter): Promise<Proof> {
    await fetchFrom(source);
    const joined = takes.isJoined();
    try {
      const proof = await checkArchive(writer, item.path);
      if (!joined || proof === 'structure') return proof;
    } catch (error) {
      if (!joined || !isRelayError(error, 'RLY_ARCHIVE_DAMAGED')) throw error;
    }
    // Two sources, and nothing that proves both: this one alone has another chance.
    await takes.discard('bytes of two sources do not make a whole');
    await fetchFrom(source);
    return checkArchive(writer, item.path);
  }

  async function fetchFrom(source: UpdateSource): Promise<void> {
    const { met, ...sink } = takes.sinkFor(source);
    const onProgress = (held: number): void => orders.onProgress?.(held);
    const signal = AbortSignal.any([orders.signal, met]);
    try {
      await context.upstream.fetchObject({ ...requestTo(source), ...sink, signal, onProgress });
    } catch (error) {
      if (!met.aborted) throw error;
      if (!(await takes.splice())) await fetchFrom(source);
    }
  }

  function requestTo(source: { readonly url: string }) {
    const { path, size } = item;
    return {
      source,
      path,
      kind: isOfProgram(item) ? 'programs' : 'components',
      size: size === null ? { limit: SIGNATURE_LIMIT } : { exact: size },
      signal: orders.signal,
      priority: () => (isWaitedFor ? ('urgent' as const) : ('prefetch' as const)),
    };
  }

  async function land(
    writer: BlobWriter,
    { source, proof, isOnDisk }: { source: UpdateSource; proof: Proof; isOnDisk: PassingWriter['isOnDisk'] },
  ): Promise<GenerationObject> {
    const { path, kind, component, version } = item;
    const fetchedAt = new Date(context.clock.now()).toISOString();
    const origin = { path, kind, component, version, proof, source: source.url, fetchedAt };
    // Noted before the blob has its name: a kill between the two would else cost these bytes a second time.
    const blob = await writer.commit((announced) => orders.note({ ...origin, ...announced }));
    context.health.succeeded(source.url);
    context.events.emit('object.fetched', { path, bytes: blob.size, source: source.url, proof });
    takes.land();
    if (isOnDisk()) claim?.keep(blob.sha256);
    else passedBy = claim;
    return { ...origin, ...blob };
  }

  return {
    home,
    join() {
      isWaitedFor = true;
      return takes.join();
    },
    isBlob: () => passedBy === undefined,
    landed: () => ({ take: takes.last(), passedBy }),
  };
}

/** What is no error of the catalogue is a bug, or the reason of an abort: the relay is stopping. */
function interrupted(cause: unknown): RelayError {
  return new RelayError('RLY_INTERNAL', { reason: String(cause) }, { cause });
}
