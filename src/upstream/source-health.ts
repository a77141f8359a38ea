import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { isRelayError, type RelayError } from '../errors/relay-error.ts';
import type { Clock } from '../ports/clock.ts';
import { forgetful, type Note } from '../ports/notes.ts';

const Count = Type.Integer({ minimum: 0 });
const Time = Type.Number();

const RECORD = Type.Object({
  /** Failures since the last success. */
  failures: Count,
  lastError: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
  lastSuccessAt: Type.Union([Time, Type.Null()]),
  /** Until then it is passed over while another may do; 0 when it is not benched. */
  benchedUntil: Time,
  /** Until then it is not asked at all, as it said in Retry-After; 0 when it said nothing. */
  notBefore: Time,
});

/** How a source has done lately. Times in ms since the epoch. */
export type SourceRecord = Readonly<Static<typeof RECORD>>;

/** What is known of the sources, by base URL. */
export interface SourceHealth {
  succeeded(url: string): void;
  failed(url: string, error: RelayError): void;
  record(url: string): SourceRecord;
  /** Every bench is over: somebody who has mended a source wants it tried now. */
  pardon(): void;
  /** Whether it failed so recently that asking it again now would only cost time. */
  isBenched(url: string): boolean;
  /** Until when it does not want to be asked (ms since the epoch), or null: what the door outward obeys. */
  notBefore(url: string): number | null;
  /** In how many ms the first of these sources may well be asked again; 0: now, or there are none. */
  rest(urls: readonly string[]): number;
}

const HOUR = 60 * 60_000;

/** Milliseconds a source is passed over after its first failure, and at most: short enough to see it come back. */
const FIRST_BENCH = 5_000;
const LONGEST_BENCH = 5 * 60_000;

/**
 * The longest Retry-After that is obeyed. Beyond a day it is a mistake there more often than a wish, and a branch without
 * updates is no small thing.
 */
const LONGEST_WAIT = 24 * HOUR;

/**
 * A missing index is how a release looks from outside (docs/protocol.md §5), and an object that another relay is still fetching
 * says nothing against that relay.
 */
const NO_OUTAGE = new Set(['RLY_UPDATE_INDEX_MISSING', 'RLY_UPSTREAM_NOT_FOUND', 'RLY_UPSTREAM_NOT_YET']);

/** What one damaged file does too: only when it happens twice without a success between is it the source. */
const MAY_BE_ONE_FILE = new Set(['RLY_UPSTREAM_RESET', 'RLY_UPSTREAM_TOO_SLOW']);

const UNKNOWN: SourceRecord = { failures: 0, lastError: null, lastSuccessAt: null, benchedUntil: 0, notBefore: 0 };

/**
 * Remembers failures with decay: 5 s, 10 s, 20 s … 5 min, never for ever, and forgotten at the first success; and until when a
 * source wants to be left alone, whatever else it answers meanwhile. `note` carries both over a restart: a relay that is
 * started again and again is no reason to ask again and again.
 */
export function createSourceHealth(clock: Pick<Clock, 'now'>, note: Note = forgetful): SourceHealth {
  const records = new Map(recordsIn(note.known));
  const record = (url: string): SourceRecord => records.get(url) ?? UNKNOWN;
  const keep = (): void => note.keep(Object.fromEntries(records));

  /** The ms that are left until `time`. More than `longest` come from a clock that was wrong then, or is now: none. */
  function left(time: number, longest: number): number {
    const ms = time - clock.now();
    return ms > longest ? 0 : Math.max(0, ms);
  }

  const wish = (url: string): number => left(record(url).notBefore, LONGEST_WAIT);
  const bench = (url: string): number => Math.max(left(record(url).benchedUntil, LONGEST_BENCH), wish(url));

  return {
    record,
    isBenched: (url) => bench(url) > 0,
    notBefore: (url) => (wish(url) > 0 ? record(url).notBefore : null),
    rest: (urls) => (urls.length === 0 ? 0 : Math.min(...urls.map(bench))),
    pardon() {
      for (const [url, before] of records) records.set(url, { ...before, benchedUntil: 0, notBefore: 0 });
      keep();
    },
    succeeded(url) {
      const before = record(url);
      records.set(url, { ...UNKNOWN, lastSuccessAt: clock.now(), notBefore: before.notBefore });
      // Each object that comes home is a success. Only a change is news, and the time to a minute.
      if (before.lastError !== null || clock.now() - (before.lastSuccessAt ?? 0) > 60_000) keep();
    },
    failed(url, error) {
      // Nobody asked it: what it said before still counts.
      if (isRelayError(error, 'RLY_UPSTREAM_NOT_BEFORE')) return;
      const before = record(url);
      const lastError = { code: error.code, message: error.message };
      if (NO_OUTAGE.has(error.code)) {
        records.set(url, { ...before, lastError });
        keep();
        return;
      }
      const now = clock.now();
      const doubtful = before.failures === 0 && MAY_BE_ONE_FILE.has(error.code);
      const benched = doubtful ? 0 : Math.min(LONGEST_BENCH, FIRST_BENCH * 2 ** before.failures);
      const asked = isRelayError(error, 'RLY_UPSTREAM_BUSY') ? Number(error.fields.retryAfter) * 1000 : 0;
      records.set(url, {
        ...before,
        failures: before.failures + 1,
        lastError,
        benchedUntil: now + benched,
        notBefore: asked > 0 ? now + Math.min(LONGEST_WAIT, asked) : before.notBefore,
      });
      keep();
    },
  };
}

/** What an earlier process noted, record by record: one of another shape costs no other. */
function recordsIn(known: unknown): [string, SourceRecord][] {
  if (!Value.Check(Type.Record(Type.String(), Type.Unknown()), known)) return [];
  return Object.entries(known).flatMap(([url, found]) => (Value.Check(RECORD, found) ? [[url, found]] : []));
}
