import type { RelayError } from '../errors/relay-error.ts';
import type { Generation, GenerationObject, OnDemandObject } from './generation.ts';
import type { Growing } from './growing.ts';

/** One run of an object's bytes, while it comes and afterwards. */
export interface Take extends Growing {
  /** 32 random hexadecimal digits: names these very bytes while nobody knows their hash. */
  readonly tag: string;
}

/** An object that is not on disk, and the generation that lists it. */
export interface Wanted {
  readonly object: OnDemandObject | GenerationObject;
  readonly generation: Generation;
}

/** What the delivery wants of those who bring objects home (docs/adr/0006-on-demand.md). */
export interface OnDemand {
  /** The object with the blob it has since it came; undefined where it has not come, or is gone again. */
  fillOf(object: OnDemandObject): GenerationObject | undefined;
  /**
   * The take whose bytes come now, begun where there is none; resolves when its first byte may leave. Rejects with a
   * catalogue error when none will, or none does within the time an agent waits. `began`: nobody else was waiting for it.
   */
  join(wanted: Wanted): Promise<{ readonly take: Take; readonly began: boolean }>;
  /** Why `join` would reject, as far as that is known without asking anybody. */
  whyNot(wanted: Wanted): RelayError | undefined;
  /** The SHA-256 of what came with this tag, if it did. */
  contentOf(tag: string): string | undefined;
  /** Whether an agent may hold bytes under this path that turned out to be worthless. */
  wasCut(path: string): boolean;
}
