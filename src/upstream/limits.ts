const KiB = 1024;
const MiB = 1024 * KiB;

/** Everything a source may do to the relay, bounded. Times in ms, sizes in bytes. Defaults: SECURITY.md. */
export interface UpstreamLimits {
  /** Until TCP and TLS stand. */
  readonly connect: number;
  /** From the request to the end of the response's header. */
  readonly headers: number;
  /** Between two pieces of a body. */
  readonly gap: number;
  /** One try may take this long, and … */
  readonly grace: number;
  /** … one second more for each so many bytes. */
  readonly deadlineBytesPerSecond: number;
  /** What a source must bring at least, … */
  readonly minimumBytesPerSecond: number;
  /** … measured over so much waiting. */
  readonly rateWindow: number;
  /** The biggest index. */
  readonly indexBytes: number;
  /** Requests for one object that may fail before the source is given up. */
  readonly tries: number;
  /** The pause before the second try; it doubles with each further one, … */
  readonly firstPause: number;
  /** … up to this. */
  readonly longestPause: number;
  /** A Retry-After beyond this is not waited for: the source is left alone that long, and the caller may have others. */
  readonly longestRetryAfter: number;
}

export const defaultLimits: UpstreamLimits = {
  connect: 10_000,
  headers: 30_000,
  gap: 30_000,
  grace: 60_000,
  deadlineBytesPerSecond: 32 * KiB,
  minimumBytesPerSecond: 8 * KiB,
  rateWindow: 60_000,
  indexBytes: 8 * MiB,
  tries: 3,
  firstPause: 1_000,
  longestPause: 30_000,
  // No more than the pauses after other failures come to.
  longestRetryAfter: 5_000,
};
