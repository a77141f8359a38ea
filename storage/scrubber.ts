import type { Note } from '../src/ports/notes.ts';
import type { Scrubber } from '../src/ports/scrubber.ts';
import { readScrubNote, type ScrubNote } from './scrub-note.ts';
import { nextWalkIn } from './scrub-plan.ts';
import { walkStore, type WalkParts, type WalkTally } from './scrub-walk.ts';

export interface ScrubberOptions extends WalkParts {
  /** Where the last walk stopped, over a restart. */
  readonly note: Note;
  /** Bytes a second, at most. */
  readonly rate: number;
  /** Milliseconds from the beginning of a walk to that of the next. */
  readonly every: number;
}

/** The scrubber: the schedule around {@link walkStore}. One walk at a time. */
export function createScrubber({ note, rate, every, ...parts }: ScrubberOptions): Scrubber {
  const { clock } = parts;
  const stopped = new AbortController();
  /** Breaks off the walk or the sleep under way. */
  let interrupt = new AbortController();
  let loop: Promise<void> | null = null;
  /** Somebody waits for a whole walk. */
  let asked: PromiseWithResolvers<void> | null = null;
  let memory = readScrubNote(note.known);
  let tally: WalkTally = { blobs: { done: 0, total: 0 }, bytes: { done: 0, total: 0 }, broken: 0, after: null };
  let walking = false;
  let nextAt: number | null = null;

  function keep(changed: ScrubNote): void {
    memory = changed;
    note.keep(changed);
  }

  async function walk(from: { begunAt: number; after: string | null }, limit: number, signal: AbortSignal) {
    const { begunAt, after } = from;
    walking = true;
    try {
      await walkStore(parts, { after, rate: limit, signal, onProgress: (now) => (tally = now) });
      keep({ lastWalk: begunAt, unfinished: null });
    } catch (error) {
      if (tally.after !== null) keep({ ...memory, unfinished: { begunAt, after: tally.after } });
      throw error;
    } finally {
      walking = false;
    }
  }

  /** Sleeps until the next walk of the schedule; where one was broken off, that is soon. */
  async function sleep(signal: AbortSignal): Promise<void> {
    const begunAt = memory.unfinished === null ? memory.lastWalk : null;
    const pause = nextWalkIn({ begunAt, now: clock.now(), every });
    nextAt = clock.now() + pause;
    await clock.sleep(pause, signal);
  }

  async function follow(): Promise<void> {
    while (!stopped.signal.aborted) {
      interrupt = new AbortController();
      const signal = AbortSignal.any([stopped.signal, interrupt.signal]);
      const anew = () => ({ begunAt: clock.now(), after: null });
      try {
        if (asked) {
          await walk(anew(), Infinity, signal);
          asked.resolve();
          asked = null;
        } else {
          await sleep(signal);
          await walk(memory.unfinished ?? anew(), rate, signal);
        }
      } catch {
        // Broken off: by the end, or by somebody who wants a whole walk at once.
      }
    }
  }

  return {
    view() {
      const { blobs, bytes, broken } = tally;
      const state = walking ? 'walking' : 'idle';
      return { state, blobs, bytes, broken, lastWalkAt: iso(memory.lastWalk), nextAt: iso(walking ? null : nextAt) };
    },
    start() {
      loop ??= follow();
    },
    walkNow() {
      if (!asked) {
        asked = Promise.withResolvers();
        interrupt.abort();
      }
      return asked.promise;
    },
    async stop() {
      stopped.abort(new Error('the relay is stopping'));
      await loop;
      asked?.reject(stopped.signal.reason);
    },
  };
}

const iso = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());
