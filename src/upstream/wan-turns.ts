import type { ObjectRequest } from './upstream.ts';

/**
 * What a download is at the budget: `urgent` where somebody waits for it; else `small`, which is what protects a branch
 * (indexes, incrementals, signatures), or `large`.
 */
export type Lane = 'urgent' | 'small' | 'large';

/** Bytes. The largest incremental of a real index has 0.5 MB, the largest signature far less. */
const SMALL = 1024 * 1024;

/** The lane of an object as of now: it may become urgent while it is under way, or cease to be. */
export function laneOf({ size, priority }: Pick<ObjectRequest, 'size' | 'priority'>): Lane {
  if (priority?.() === 'urgent') return 'urgent';
  return ('exact' in size ? size.exact : size.limit) <= SMALL ? 'small' : 'large';
}

/** A piece that has come and is not paid for. Times here are ms on one monotonic clock. */
export interface Waiting {
  readonly lane: Lane;
  readonly since: number;
}

/** What has been at the budget so far. */
export interface TurnState {
  readonly now: number;
  /** How long nothing was taken from the budget, as far as it can be made up for. */
  readonly idle: number;
  /** When a piece that was urgent had been paid for; null before the first. */
  readonly urgentPaidAt: number | null;
  /** Whether the last piece was one that had waited too long. */
  readonly overdueBefore: boolean;
}

/** Whose turn it is (its place in the queue), and whether only because it had waited too long; or in how many ms to look again. */
export type Turn = { readonly next: number; readonly overdue: boolean } | { readonly wait: number };

/**
 * Milliseconds the urgent have to come back with the next piece before anybody else gets the line. Less than what the bucket
 * makes up for, so that the wait costs the line nothing; more than it takes to write a piece to a disk.
 */
const HELD = 100;

/** Milliseconds after which nobody is held back any more for an urgent download: it is over, or waits for its source. */
const FORGOTTEN = 1_000;

/**
 * Milliseconds after which a piece has waited too long. Web servers hang up on a client that takes nothing for a minute
 * (nginx: send_timeout), and each time a try is spent; one piece in 20 s keeps a large download alive. A small object has one
 * piece as a rule: with 5 s the incrementals of a release still come while a full pattern takes the line.
 */
const OVERDUE: Readonly<Record<Lane, number>> = { urgent: Infinity, small: 5_000, large: 20_000 };

/**
 * Whose turn it is at the budget: urgent before small before large, and within each first come, first served. A piece that
 * has waited too long goes before all, but takes every second turn at most. Pure. `queue` is not empty.
 */
export function nextTurn(queue: readonly Waiting[], { now, idle, urgentPaidAt, overdueBefore }: TurnState): Turn {
  const first = (lane: Lane): number => queue.findIndex((waiting) => waiting.lane === lane);
  const urgent = first('urgent');
  const held = urgentPaidAt !== null && now - urgentPaidAt < FORGOTTEN && idle < HELD ? Math.max(1, HELD - idle) : null;
  const overdue = queue.findIndex(({ lane, since }) => now - since >= OVERDUE[lane]);
  if (overdue >= 0 && !(overdueBefore && (urgent >= 0 || held !== null))) return { next: overdue, overdue: true };
  if (urgent >= 0) return { next: urgent, overdue: false };
  if (held !== null) return { wait: held };
  const small = first('small');
  return { next: small >= 0 ? small : 0, overdue: false };
}
