import { addressMatcher } from '../config/addresses.ts';
import type { Config } from '../config/schema.ts';
import { RelayError } from '../errors/relay-error.ts';
import type { Answer } from './answer.ts';
import { refusal } from './refusal.ts';

/** Bytes. What a connection takes at once keeps nobody waiting; what is longer, or is not at hand, is a download. */
const SMALL = 1024 * 1024;

/** Seconds until an address that has its downloads may ask again: some of them will have ended. */
const RETRY_AFTER = 10;

/** What is to be sent, and whom to tell when that is over: nobody, unless it is a download. */
export interface Admitted {
  readonly answer: Answer;
  readonly leave?: () => void;
}

/** The downloads of a listener: many at a time keep others waiting. */
export interface Downloads {
  /** The answer, or 503 in its place where the address has as many downloads as it may have. `id`: the request's. */
  admit(address: string, id: string, answer: Answer): Admitted;
}

/** How many an address may have. */
export type DownloadLimit = (address: string) => number;

/**
 * What `agents.limits.downloadsPerAddress` means for each address. A relay below asks for a whole office, and takes a refusal
 * for one of this relay: its connections are limit enough. That it is one its address says, for a `Via` anybody can send.
 */
export function downloadLimit({ limits, relays }: Pick<Config['agents'], 'limits' | 'relays'>): DownloadLimit {
  const isRelay = addressMatcher(relays);
  return (address) => (isRelay(address) ? Infinity : limits.downloadsPerAddress);
}

/** `mostOf` is asked each time. */
export function createDownloads(mostOf: DownloadLimit): Downloads {
  const underWay = new Map<string, number>();
  const leave = (address: string): void => {
    const left = (underWay.get(address) ?? 1) - 1;
    if (left > 0) underWay.set(address, left);
    else underWay.delete(address);
  };
  return {
    admit(address, id, answer) {
      const { body } = answer;
      if (!body || (Buffer.isBuffer(body) && body.length <= SMALL)) return { answer };
      const before = underWay.get(address) ?? 0;
      const limit = mostOf(address);
      if (before >= limit) {
        // It was opened for this answer. That it cannot be closed is nobody's concern.
        if ('reader' in body) void body.reader.close().catch(() => {});
        return { answer: tooMany(address, limit, id, answer) };
      }
      underWay.set(address, before + 1);
      return { answer, leave: () => leave(address) };
    },
  };
}

function tooMany(address: string, limit: number, id: string, { generation, headers: planned }: Answer): Answer {
  const error = new RelayError('RLY_TOO_MANY_DOWNLOADS', { address, limit, seconds: RETRY_AFTER });
  const { status, headers, body } = refusal(error, id);
  const ours = { 'X-Relay-Generation': planned['X-Relay-Generation'] ?? String(generation) };
  return { status, headers: { ...headers, ...ours }, body, kind: 'none', cache: 'none', generation };
}
