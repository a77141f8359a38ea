import type { Upstream, ObjectRequest } from '../upstream/upstream.ts';

/** What decides whether a reader waits or gets a request of its own. Bytes. */
export interface Waiting {
  /** How much of the object is here, from its beginning. */
  readonly here: number;
  /** Where the reader stands. */
  readonly position: number;
  /** At which the beginning comes. */
  readonly bytesPerSecond: number;
}

/** Seconds a reader may have to wait. A request of its own halves the line for all others, so it has to save more than it costs. */
const LONGEST_WAIT = 10;

/** Whether a reader is so far ahead of what has come that a request of its own is cheaper. Pure. */
export function isFarAhead({ here, position, bytesPerSecond }: Waiting): boolean {
  return position > here && position - here > bytesPerSecond * LONGEST_WAIT;
}

/** A second request of a flight, for the rest of the object from somewhere ahead. */
export interface Ahead {
  /** Its bytes from here … */
  readonly start: number;
  /** … to here are in the memory of the flight. */
  readonly end: number;
  /** Whether more come. */
  readonly running: boolean;
  /** Resolves when there are more, or none will come. */
  moved(): Promise<void>;
  stop(): void;
}

export interface AheadOptions {
  /** The request for the beginning: the same source, validators and size. */
  readonly like: Omit<ObjectRequest, 'sink' | 'joinable' | 'onJoin' | 'onValidators' | 'onProgress'>;
  readonly start: number;
  /** As large as the object. */
  readonly memory: Buffer;
  readonly upstream: Pick<Upstream, 'fetchObject'>;
  readonly onGrew: () => void;
}

/** Begins it. It takes nothing but the rest of the very content that the validators name; where the source has another, it ends. */
export function fetchAhead({ like, start, memory, upstream, onGrew }: AheadOptions): Ahead {
  const stopped = new AbortController();
  const signal = like.signal ? AbortSignal.any([like.signal, stopped.signal]) : stopped.signal;
  let end = start;
  let running = true;
  let step = Promise.withResolvers<void>();

  function move(): void {
    step.resolve();
    step = Promise.withResolvers();
    onGrew();
  }
  function over(): void {
    running = false;
    move();
  }

  const sink = {
    get size() {
      return end;
    },
    async write(chunk: Uint8Array) {
      // The memory may be another take's by now.
      signal.throwIfAborted();
      memory.set(chunk, end);
      end += chunk.length;
      move();
    },
    async restart() {
      stopped.abort(new Error('the source does not go on from there'));
      signal.throwIfAborted();
    },
  };
  upstream.fetchObject({ ...like, sink, signal }).then(over, over);
  return {
    start,
    get end() {
      return end;
    },
    get running() {
      return running;
    },
    moved: () => step.promise,
    stop: () => stopped.abort(new Error('nobody needs it any more')),
  };
}
