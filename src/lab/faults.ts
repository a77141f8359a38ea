/** How an answer is cut off: an ordinary close, a TCP reset, or nothing any more on an open connection. */
export type CutKind = 'torn' | 'reset' | 'silent';

/** What may be wrong with an update source. */
export type Fault =
  /** The body drips. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /**
   * The answer ends after so many bytes of the body, or before its first byte where `after` is left out. Without
   * `length` it names no Content-Length: the end of the connection is all that tells the end of the body. `when`: it waits
   * for that first.
   */
  | { readonly kind: CutKind; readonly after?: number; readonly length?: boolean; readonly when?: Promise<unknown> }
  /** Honestly announced, and so many bytes more, or fewer, than there should be. */
  | { readonly kind: 'wrongSize'; readonly by: number }
  /** The right size, with one bit flipped in the middle. */
  | { readonly kind: 'wrongBytes' }
  /** A Content-Length that is off by so many bytes from the body that follows. */
  | { readonly kind: 'lyingLength'; readonly by: number }
  /** A login page, with status 200. */
  | { readonly kind: 'portal' }
  /** 404, 429, 500, 503; `retryAfter` in seconds or as a date. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number | string }
  /** Answered as if there were no Range. */
  | { readonly kind: 'rangesIgnored' }
  /** Neither ETag nor Last-Modified. */
  | { readonly kind: 'noValidators' }
  /** Content-Encoding: gzip, whether the client asked for it or not. */
  | { readonly kind: 'gzip' };

/** Which requests a fault strikes. */
export interface FaultScope {
  /** A path as the index writes it (case does not matter), or a choice among paths; left out: all. */
  readonly match?: string | ((path: string) => boolean);
  /** So many requests; left out: until it is switched off. */
  readonly times?: number;
}

/** The faults of one server. Several may strike one request; they apply in the order they were switched on. */
export interface FaultBoard {
  /** Switches a fault on; what it answers switches it off. */
  on(fault: Fault & FaultScope): () => void;
  /** Switches all faults off. */
  clear(): void;
  /** The faults that strike a request for this path; counts it. */
  strike(path: string): readonly Fault[];
}

/** A board with no fault on. */
export function createFaultBoard(): FaultBoard {
  const faults = new Set<{ readonly fault: Fault & FaultScope; left: number }>();
  return {
    on(fault) {
      const entry = { fault, left: fault.times ?? Infinity };
      faults.add(entry);
      return () => faults.delete(entry);
    },
    clear: () => faults.clear(),
    strike(path) {
      const struck = [...faults].filter(({ fault, left }) => left > 0 && matches(fault.match, path));
      for (const entry of struck) entry.left -= 1;
      return struck.map(({ fault }) => fault);
    },
  };
}

function matches(match: FaultScope['match'], path: string): boolean {
  if (match === undefined) return true;
  return typeof match === 'string' ? match.toLowerCase() === path.toLowerCase() : match(path);
}
