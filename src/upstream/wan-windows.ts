import { parseDays, parseTimeOfDay } from '../config/week.ts';

/** How much of the line may be taken, as `mirror.wan` has it. Rates in bytes per second. */
export interface WanSettings {
  /** While no window holds; without it there is no limit then. */
  readonly rate?: number;
  readonly windows: readonly WanWindow[];
}

interface WanWindow {
  /** `mon-fri`; every day without it. */
  readonly days?: string;
  /** `08:00`. */
  readonly from: string;
  /** The first minute that is outside; on the day after where it is not later than `from`. */
  readonly to: string;
  readonly rate: number;
}

/** A time of the week where the relay stands. */
export interface WeekTime {
  /** Sunday is 0. */
  readonly day: number;
  /** Since midnight. */
  readonly minute: number;
}

/** The rate that holds at a time of the week, in bytes per second: of the first window that does, else the general one; null: no limit. */
export type RateAt = (time: WeekTime) => number | null;

/** Reads the windows once. Pure. */
export function wanRates({ rate, windows }: WanSettings): RateAt {
  const read = windows.map((window) => ({ holds: windowHolds(window), rate: window.rate }));
  return (time) => read.find(({ holds }) => holds(time))?.rate ?? rate ?? null;
}

/** The local time of the week; `now` in ms since the epoch. */
export function weekTime(now: number): WeekTime {
  const date = new Date(now);
  return { day: date.getDay(), minute: date.getHours() * 60 + date.getMinutes() };
}

function windowHolds(window: WanWindow): (time: WeekTime) => boolean {
  const days = window.days === undefined ? undefined : parseDays(window.days);
  const begins = (day: number): boolean => days?.has(day) ?? true;
  const from = parseTimeOfDay(window.from) ?? 0;
  const to = parseTimeOfDay(window.to) ?? 0;
  return ({ day, minute }) => {
    if (from < to) return begins(day) && minute >= from && minute < to;
    // Over midnight: the evening of a day it begins on, or the morning after one.
    return (begins(day) && minute >= from) || (begins((day + 6) % 7) && minute < to);
  };
}
