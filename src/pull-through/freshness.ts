import CachePolicy from 'http-cache-semantics';
import { parseAge } from '../upstream/age.ts';
import type { CacheFields } from '../upstream/cache-fields.ts';
import type { Validators } from '../upstream/upstream.ts';

/** An answer as it came. */
export interface StoredAnswer {
  readonly fields: CacheFields;
  /** When it came, or was last found unchanged. Milliseconds since the epoch. */
  readonly at: number;
}

/** How long an answer may be used. Milliseconds since the epoch. */
export interface Lifetime {
  /** Whether anybody but those who are waiting for it may be given it (RFC 9111 §3). */
  readonly storable: boolean;
  /** Until then without asking its source. */
  readonly freshUntil: number;
  /** Until then when no source can be asked; not after `freshUntil` where the source forbids that. */
  readonly staleUntil: number;
  /** The source wants to be asked each time (RFC 9111 §5.2.2.4): so may caches between relay and agent. */
  readonly askAlways: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A tenth of its age is what RFC 9111 §4.2.2 calls typical where a source says nothing; … */
const HEURISTIC_SHARE = 0.1;
/** … at least this, or a source without validators would send the whole again and again, … */
const HEURISTIC_LEAST = 5 * MINUTE;
/** … and at most a day: hot fixes have fixed names whose content changes (docs/protocol.md §4). */
const HEURISTIC_MOST = DAY;
/** Whatever a source says: one that means "for ever" is asked once a week. */
const LONGEST_FRESH = 7 * DAY;
/** How long a hot fix outlives its sources. A week of old hot fixes protects better than none; after that somebody should notice. */
const LONGEST_STALE = 7 * DAY;
/** How long domain settings do: until a server has been restarted. Old settings may be the ones that were changed for a reason. */
const SETTINGS_GRACE = HOUR;

/** Every request of the relay is the same as far as a cache can tell; what an agent sends is not in it. */
const REQUEST = { method: 'GET', url: '/', headers: {} };

/** How long a hot fix may be used, as its source said with it (RFC 9111 §3, §4.2). Pure. */
export function hotfixLifetime({ fields, at }: StoredAnswer): Lifetime {
  const policy = policyOf(fields, at);
  const directives = directivesOf(fields);
  const has = (...names: string[]): boolean => names.some((name) => directives.has(name));
  // `Vary: *`: no later request is known to be like the one it answered (RFC 9111 §4.1).
  const askAlways = has('no-cache') || (fields['vary'] ?? '').includes('*');
  const explicit = askAlways || has('max-age', 's-maxage') || 'expires' in fields;
  // What it had spent in caches before it came (RFC 9111 §5.1).
  const said = (policy.maxAge() - parseAge(fields['age'] ?? null)) * 1000;
  const span = explicit ? Math.min(said, LONGEST_FRESH) : Math.min(Math.max(said, HEURISTIC_LEAST), HEURISTIC_MOST);
  const freshUntil = at + (askAlways ? 0 : Math.max(0, span));
  // RFC 9111 §4.2.4: these forbid an answer that is no longer fresh, whatever happened to the source.
  const strict = askAlways || has('must-revalidate', 'proxy-revalidate', 's-maxage');
  return {
    storable: policy.storable(),
    freshUntil,
    staleUntil: strict ? freshUntil : freshUntil + LONGEST_STALE,
    askAlways,
  };
}

/**
 * How long domain settings may be used: they are asked for each time, and kept only to be compared and for when the
 * source is down. What the source says about caches is about others: who may have them is configured. Pure.
 */
export function settingsLifetime({ at }: StoredAnswer): Lifetime {
  return { storable: true, freshUntil: at, staleUntil: at + SETTINGS_GRACE, askAlways: true };
}

/** Whether an answer may be used without asking. One from the future is of a clock that was wrong: its source knows. */
export function isFresh({ at }: StoredAnswer, { freshUntil }: Lifetime, now: number): boolean {
  return now >= at && now < freshUntil;
}

/** What asks a source whether an answer of its own still holds (RFC 9111 §4.3.1). */
export function validatorsOf(fields: CacheFields): Validators {
  return { etag: fields['etag'] ?? null, lastModified: fields['last-modified'] ?? null };
}

/**
 * The fields of an answer after a 304 with `update` (RFC 9111 §3.2, §4.3.4); null when that 304 is about another content than
 * the one that was asked about. One without an ETag can only be about that: old servers send none, and http-cache-semantics
 * (4.3) would not believe them.
 */
export function renewedFields(fields: CacheFields, update: CacheFields): CacheFields | null {
  const { etag: before } = fields;
  const { etag: after } = update;
  if (before !== undefined && after !== undefined && opaque(before) !== opaque(after)) return null;
  // Age and Date are of one answer: those of the older would make the newer one look old.
  const { age: _age, date: _date, ...lasting } = fields;
  return { ...lasting, ...update, ...(before !== undefined && { etag: before }) };
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}

function policyOf(fields: CacheFields, at: number): CachePolicy {
  const headers: Record<string, string> = { ...fields };
  // A recipient notes when an answer without a date came (RFC 9110 §6.6.1).
  headers['date'] ??= new Date(at).toUTCString();
  // The names of directives are case-insensitive (RFC 9111 §5.2), which the package does not heed.
  if (headers['cache-control'] !== undefined) headers['cache-control'] = headers['cache-control'].toLowerCase();
  return new CachePolicy(REQUEST, { status: 200, headers }, { shared: true, cacheHeuristic: HEURISTIC_SHARE });
}

/** The names of the directives of Cache-Control, and `no-cache` of the Pragma that stands in for it (RFC 9111 §5.2, §5.4). */
function directivesOf(fields: CacheFields): ReadonlySet<string> {
  const text = fields['cache-control'] ?? fields['pragma'] ?? '';
  return new Set(text.split(',').map((directive) => directive.split('=')[0]?.trim().toLowerCase() ?? ''));
}
