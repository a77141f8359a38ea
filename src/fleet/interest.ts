import type { Clock } from '../ports/clock.ts';
import type { Note } from '../ports/notes.ts';

/** Milliseconds by which what is noted may be behind: one write an hour for each component that agents ask for. */
const EXACT_TO = 60 * 60_000;

/** Components remembered. An index has some hundred. */
const MOST = 10_000;

/** Which components the agents here have use for. */
export interface Interest {
  /** An agent has asked for something of this component: an incremental, the whole, a signature. */
  readonly asked: (component: string) => void;
  /** Milliseconds since one did; since this began to be watched where none has. */
  readonly idle: (component: string) => number;
}

/** Goes on from what was noted by an earlier process. */
export function createInterest(clock: Pick<Clock, 'now'>, note: Note): Interest {
  const { since, askedAt } = recalled(note.known, clock.now());
  const last = new Map(askedAt);
  return {
    asked(component) {
      const now = clock.now();
      if (now - (last.get(component) ?? 0) < EXACT_TO || last.size >= MOST) return;
      last.set(component, now);
      note.keep({ since, askedAt: [...last] });
    },
    // A clock that was set back makes nothing old.
    idle: (component) => Math.max(0, clock.now() - (last.get(component) ?? since)),
  };
}

interface Recalled {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly askedAt: readonly (readonly [string, number])[];
}

function recalled(known: unknown, now: number): Recalled {
  const { since, askedAt } = (typeof known === 'object' && known !== null ? known : {}) as Partial<Recalled>;
  // A time in the future is of a clock that was wrong then.
  const isTime = (time: unknown): time is number => typeof time === 'number' && time <= now;
  return {
    since: isTime(since) ? since : now,
    askedAt: Array.isArray(askedAt) ? askedAt.filter(([id, time]) => typeof id === 'string' && isTime(time)) : [],
  };
}
