/** A unit and how many of the base unit it holds. */
type Unit = readonly [name: string, factor: number];
/** From the base unit upwards. */
type Units = readonly [Unit, ...Unit[]];

/** Bytes. Both families, because disks are sold in GB and measured in GiB. */
const SIZES: Units = [
  ['B', 1],
  ['KB', 1e3],
  ['KiB', 2 ** 10],
  ['MB', 1e6],
  ['MiB', 2 ** 20],
  ['GB', 1e9],
  ['GiB', 2 ** 30],
  ['TB', 1e12],
  ['TiB', 2 ** 40],
];

/** Milliseconds. */
const DURATIONS: Units = [
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
];

/** Bytes per second. Lines are sold in bits, and downloads are shown in binary bytes. */
const RATES: Units = [
  ['B/s', 1],
  ['kbit/s', 125],
  ['KiB/s', 2 ** 10],
  ['Mbit/s', 125_000],
  ['MiB/s', 2 ** 20],
  ['Gbit/s', 125_000_000],
];

/** For messages and the reference: `B, KB, KiB, …`. */
export const SIZE_UNITS = names(SIZES);
/** For messages and the reference: `ms, s, m, …`. */
export const DURATION_UNITS = names(DURATIONS);
/** For messages and the reference: `B/s, kbit/s, …`. */
export const RATE_UNITS = names(RATES);

/**
 * `20GiB` → bytes: one whole number and one unit of `SIZE_UNITS`, no space. Undefined for anything else, also for a
 * number without its unit (0 too): 20 means bytes to one reader and gigabytes to the next.
 */
export const parseSize = (text: string): number | undefined => parse(text, SIZES);

/** `15m` → milliseconds, by the same rules, with a unit of `DURATION_UNITS`. */
export const parseDuration = (text: string): number | undefined => parse(text, DURATIONS);

/** `20Mbit/s` → bytes per second, by the same rules, with a unit of `RATE_UNITS`. */
export const parseRate = (text: string): number | undefined => parse(text, RATES);

/** Bytes → the shortest text that `parseSize` reads back as exactly this number. */
export const formatSize = (bytes: number): string => format(bytes, SIZES);

/** Milliseconds → the shortest text that `parseDuration` reads back as exactly this number. */
export const formatDuration = (milliseconds: number): string => format(milliseconds, DURATIONS);

/** Bytes per second → the shortest text that `parseRate` reads back as exactly this number. */
export const formatRate = (bytesPerSecond: number): string => format(bytesPerSecond, RATES);

function parse(text: string, units: Units): number | undefined {
  const [, digits, name] = /^(\d+)([A-Za-z/]+)$/.exec(text) ?? [];
  const factor = units.find(([unit]) => unit === name)?.[1];
  if (factor === undefined) return undefined;
  const value = Number(digits) * factor;
  return Number.isSafeInteger(value) ? value : undefined;
}

function format(value: number, units: Units): string {
  const [name, factor] = units.findLast(([, size]) => value >= size && value % size === 0) ?? units[0];
  return `${value / factor}${name}`;
}

function names(units: Units): string {
  return units.map(([name]) => name).join(', ');
}
