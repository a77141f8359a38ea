import { randomBytes } from 'node:crypto';
import { RelayError } from '../errors/relay-error.ts';
import type { Events } from '../ports/events.ts';
import type { Take } from '../ports/on-demand.ts';
import type { PartNote } from '../ports/store.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { ObjectRequest } from '../upstream/upstream.ts';
import type { FetchItem } from './fetch-item.ts';
import { type Ahead, isFarAhead } from './ahead.ts';
import type { TakeWriter } from './followed-writer.ts';
import { createGrowingContent, type GrowingContent } from './growing-content.ts';

/** What a request upstream needs to know of the bytes that are here. */
type Sink = Pick<ObjectRequest, 'sink' | 'validators' | 'joinable' | 'onJoin' | 'onValidators'> & {
  /** Aborts when the bytes to come are here already, of a request that ran ahead: `splice` then. */
  readonly met: AbortSignal;
};

/** The runs of bytes of one flight, one after another: what binds each together, and who follows it. */
export interface Takes {
  /** The bytes that `writer` has already are the beginning of the first. `memory` is to hold all bytes too, for those who follow. */
  begin(writer: TakeWriter, memory: Buffer | undefined): Promise<void>;
  /** Where the bytes from this source go, and what of those that are here it can go on with. */
  sinkFor(source: UpdateSource): Sink;
  /** Puts what a request ran ahead with where it belongs, to the end of it; whether that was the end of the object. */
  splice(): Promise<boolean>;
  /** Whether nothing but a proof of the whole says that its bytes belong together. */
  isJoined(): boolean;
  /** Throws the take away and begins another at byte 0. */
  discard(reason: string): Promise<void>;
  /** The take is whole, proven and home. */
  land(): void;
  /** There will be no other take. */
  end(error: RelayError): void;
  /** The present take. */
  last(): Take;
  /** The present take once its first byte may leave, or a later one. Rejects with the error of `end`. */
  join(): Promise<Take>;
}

type Current = GrowingContent & Take;

/** A ZIP can be proven whatever its bytes are from: each entry has a CRC-32 (APPNOTE.TXT §4.3.7). */
const ZIP = Buffer.from('PK\x03\x04');

/** Bytes spliced at a time. */
const STEP = 1024 * 1024;

export interface TakesOptions {
  readonly item: FetchItem;
  readonly events: Events;
  /** Called for each take that was thrown away after bytes of it had left. */
  readonly onWorthless: () => void;
  /**
   * Has the rest of the object come from `start` on, into `memory`, by a request of its own to the source of `bound`; where a reader
   * waits so far ahead of what comes that this is cheaper.
   */
  readonly runAhead: (start: number, bound: PartNote, memory: Buffer, onGrew: () => void) => Ahead;
  /** Milliseconds, of a clock that never goes back. */
  readonly monotonic: () => number;
}

export function createTakes(options: TakesOptions): Takes {
  const { events, onWorthless, runAhead, monotonic } = options;
  const { path, size } = options.item;
  const head = Buffer.alloc(ZIP.length);
  let writer: TakeWriter | null = null;
  let memory: Buffer | undefined;
  let bound: PartNote | null = null;
  let joined = false;
  let current: Current | null = null;
  let next = Promise.withResolvers<void>();
  let ended: RelayError | null = null;
  let ahead: Ahead | null = null;
  /** Whether a request ahead came to nothing: another would too. */
  let mayRunAhead = true;
  let met = new AbortController();
  /** When the bytes of this process began to come, and where. */
  let pace = { since: 0, from: 0 };

  const writing = (): TakeWriter => {
    if (!writer) throw new RelayError('RLY_INTERNAL', { reason: `${path} has no writer yet` });
    return writer;
  };

  function openTake(): void {
    // What has no listed size is a signature: nobody waits for one.
    if (size === null) return;
    const content = createGrowingContent({ size, from: writing(), memory, onWait });
    current = Object.assign(content, { tag: randomBytes(16).toString('hex') });
    next.resolve();
    next = Promise.withResolvers();
  }

  /** A second request needs a strong validator, or its bytes could be of another content; and memory to wait in. */
  function onWait(position: number): void {
    const strong = bound?.etag?.startsWith('"') ?? false;
    if (ahead || !mayRunAhead || !memory || !bound || !strong || joined || writing().size <= pace.from) return;
    const seconds = Math.max(1, monotonic() - pace.since) / 1000;
    const here = writing().size;
    if (!isFarAhead({ here, position, bytesPerSecond: (here - pace.from) / seconds })) return;
    const begun = runAhead(position, bound, memory, () => {
      // A request that was stopped has an end too, when another take has begun.
      if (ahead !== begun) return;
      const { start, end, running } = begun;
      current?.grewAhead(start, end);
      if (running || end > start) return;
      // A source that does not go on from there: what comes from the beginning is as good as it was.
      ahead = null;
      mayRunAhead = false;
    });
    ahead = begun;
  }

  async function discard(reason: string): Promise<void> {
    ahead?.stop();
    ahead = null;
    const bytes = writing().size;
    if (current?.released) {
      onWorthless();
      events.emit('flight.discarded', { path, bytes, reason });
    }
    current?.fail(new RelayError('RLY_OBJECT_DISCARDED', { path, reason }));
    await writing().restart();
    bound = null;
    joined = false;
    openTake();
  }

  async function write(chunk: Uint8Array): Promise<void> {
    const room = ahead ? ahead.start - writing().size : Infinity;
    await append(room < chunk.length ? chunk.subarray(0, Math.max(0, room)) : chunk);
    if (room >= chunk.length) return;
    met.abort(new Error('the bytes to come are here'));
    met.signal.throwIfAborted();
  }

  async function append(bytes: Uint8Array): Promise<void> {
    const to = writing();
    if (to.size < head.length) head.set(bytes.subarray(0, head.length - to.size), to.size);
    memory?.set(bytes, to.size);
    await to.write(bytes);
    current?.grewTo(to.size);
  }

  async function splice(): Promise<boolean> {
    const to = writing();
    const from = memory ?? Buffer.alloc(0);
    while (ahead) {
      const { start, end, running } = ahead;
      if (to.size >= start && to.size < end) await append(from.subarray(to.size, Math.min(end, to.size + STEP)));
      else if (running) await ahead.moved();
      else ahead = null;
    }
    return to.size === size;
  }

  const isZip = (): boolean => size !== null && writing().size >= ZIP.length && head.equals(ZIP);

  return {
    async begin(to, into) {
      writer = to;
      memory = into;
      bound = to.found;
      joined = bound !== null && bound.etag === null;
      if (to.size > 0) {
        await to.read(head, 0);
        if (memory) await to.read(memory.subarray(0, to.size), 0);
      }
      openTake();
    },
    sinkFor(source) {
      const own = bound?.source === source.url;
      met = new AbortController();
      pace = { since: monotonic(), from: writing().size };
      return {
        met: met.signal,
        sink: {
          get size() {
            return writing().size;
          },
          write,
          restart: () => discard(`${source.url} sends it from its first byte again`),
        },
        // Of another source the same strong ETag would do, but the same ZIP may have another ETag there.
        ...(bound && (own || !isZip()) && { validators: bound }),
        joinable: isZip,
        async onJoin() {
          joined = true;
          bound = { source: source.url, etag: null, lastModified: null };
          await writing().note(bound);
        },
        async onValidators(validators) {
          bound = { source: source.url, ...validators };
          await writing().note(bound);
        },
      };
    },
    splice,
    isJoined: () => joined,
    discard,
    land() {
      current?.proven();
    },
    end(error) {
      ahead?.stop();
      ended = error;
      current?.fail(error);
      next.resolve();
    },
    last() {
      if (!current) throw new RelayError('RLY_INTERNAL', { reason: `nobody can have followed ${path}` });
      return current;
    },
    async join() {
      for (;;) {
        const take = current;
        if (ended) throw ended;
        if (!take) await next.promise;
        else {
          try {
            await take.arrival(0);
            return take;
          } catch {
            // Thrown away: another is open by now, or will be, or the end is told.
            if (take === current && !ended) await next.promise;
          }
        }
      }
    },
  };
}
