import type { RelayError } from '../errors/relay-error.ts';
import type { Clock } from '../ports/clock.ts';

/** How a source has done lately. Times in ms since the epoch. */
export interface SourceRecord {
  /** Failures since the last success. */
  readonly failures: number;
  readonly lastError: RelayError | null;
  readonly lastSuccessAt: number | null;
  /** Until then it is passed over; 0 when it is not benched. */
  readonly benchedUntil: number;
}

/** What is known of the sources, by base URL. */
export interface SourceHealth {
  succeeded(url: string): void;
  failed(url: string, error: RelayError): void;
  record(url: string): SourceRecord;
  /** Every bench is over: somebody who has mended a source wants it tried now. */
  pardon(): void;
  /** Whether it failed so recently that asking it again now would only cost time. */
  isBenched(url: string): boolean;
}

/** Milliseconds a source is passed over after its first failure, and at most: short enough to see it come back. */
const FIRST_BENCH = 5_000;
const LONGEST_BENCH = 5 * 60_000;

/** A missing index is how a release looks from outside (docs/protocol.md §5), and says nothing against the source. */
const NO_OUTAGE = new Set(['RLY_UPDATE_INDEX_MISSING', 'RLY_UPSTREAM_NOT_FOUND']);

/** What one damaged file does too: only when it happens twice without a success between is it the source. */
const MAY_BE_ONE_FILE = new Set(['RLY_UPSTREAM_RESET', 'RLY_UPSTREAM_TOO_SLOW']);

const UNKNOWN: SourceRecord = { failures: 0, lastError: null, lastSuccessAt: null, benchedUntil: 0 };

/**
 * Remembers failures with decay: 5 s, 10 s, 20 s … 5 min, never for ever, and forgotten at the first success.
 * In memory only: after a restart every source deserves a look.
 */
export function createSourceHealth(clock: Pick<Clock, 'now'>): SourceHealth {
  const records = new Map<string, SourceRecord>();
  const record = (url: string): SourceRecord => records.get(url) ?? UNKNOWN;
  return {
    record,
    isBenched: (url) => clock.now() < record(url).benchedUntil,
    pardon() {
      for (const [url, before] of records) records.set(url, { ...before, benchedUntil: 0 });
    },
    succeeded(url) {
      records.set(url, { ...UNKNOWN, lastSuccessAt: clock.now() });
    },
    failed(url, error) {
      const before = record(url);
      if (NO_OUTAGE.has(error.code)) {
        records.set(url, { ...before, lastError: error });
        return;
      }
      const doubtful = before.failures === 0 && MAY_BE_ONE_FILE.has(error.code);
      const bench = doubtful ? 0 : Math.min(LONGEST_BENCH, FIRST_BENCH * 2 ** before.failures);
      const failures = before.failures + 1;
      records.set(url, { ...before, failures, lastError: error, benchedUntil: clock.now() + bench });
    },
  };
}
