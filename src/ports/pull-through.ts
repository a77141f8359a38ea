import type { ErrorCode } from '../errors/catalogue.ts';
import type { Proof } from './generation.ts';
import type { Take } from './on-demand.ts';
import type { Blob } from './store.ts';

/** What agents are handed on beside what an index lists. */
export type PulledKind = 'hotfix' | 'domain-settings';

/** How the name of a part begins that is of no index. */
export const PULLED_PART = 'pulled\n';

/** Stands for the path of domain settings wherever a path is shown: they are secret (SECURITY.md), and so is which there are. */
export const PRIVATE_PATH = '(domain settings)';

/** How an answer came about, in the terms of RFC 9211 §2. */
export interface CacheHandling {
  /** Why a source was asked; null: none was, this relay's copy was answered. */
  readonly fwd: 'uri-miss' | 'stale' | null;
  /** What the source answered; null where it did not. */
  readonly fwdStatus: 200 | 304 | null;
  /** Another agent's request for it was under way. */
  readonly collapsed: boolean;
  /** Whether the content is kept, or will be. */
  readonly stored: boolean;
  /** Seconds for which the answer is fresh from now on; negative where it is older than that. */
  readonly ttl: number;
  /** Why the source could not be asked; null otherwise. */
  readonly detail: ErrorCode | null;
}

/** What an agent is given for a path on the allow-list. */
export interface Pulled {
  /** A blob, or what is still coming. */
  readonly content: Blob | Take;
  readonly handling: CacheHandling;
  /** What caches between relay and agent may do with it: the value of Cache-Control. */
  readonly cacheControl: string;
}

/** What is known of a path on the allow-list, for `relay explain`. */
export interface PulledFacts extends Blob {
  /** As it was asked for upstream. */
  readonly path: string;
  readonly proof: Proof;
  /** Base URL. */
  readonly source: string;
  /** ISO 8601: when its bytes came; when its source last said that they hold; until when it is not asked; until when without it. */
  readonly fetchedAt: string;
  readonly checkedAt: string;
  readonly freshUntil: string;
  readonly staleUntil: string;
}

/** A path on the allow-list. */
export interface PullTarget {
  readonly kind: PulledKind;
  /** In messages, events and the log: the path, or what stands for one that is never shown. */
  readonly shown: string;
  /**
   * The content, asked for at its sources where that has to be. Rejects with RLY_PULL_ABSENT where none has it, with
   * RLY_PULL_FAILED, RLY_PULL_BUSY or RLY_OBJECT_NOT_YET where it cannot be had now, with an error of the disk.
   */
  get(): Promise<Pulled>;
  /** The blob is damaged: it is not given again. */
  lost(sha256: string): Promise<void>;
  /** The SHA-256 of what came with this tag, if it did. */
  contentOf(tag: string): string | undefined;
  /** Whether an agent may hold a part of another content: a range that nothing binds to one would join the two. */
  hasChanged(): boolean;
  /** Null where there is no copy here, and of what is private. */
  facts(): PulledFacts | null;
}

/** What the delivery wants of those who ask sources for what no index lists. */
export interface PullThrough {
  /** Undefined for a path on no list: nothing is asked upstream for it, ever. */
  find(path: string): PullTarget | undefined;
}
