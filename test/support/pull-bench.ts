import type { Test } from 'tap';
import type { Take } from '../../src/ports/on-demand.ts';
import type { Pulled, PullTarget } from '../../src/ports/pull-through.ts';
import type { Store } from '../../src/ports/store.ts';
import { createAllowList, type AllowListOptions } from '../../src/pull-through/allow-list.ts';
import { createPullThrough, type RunningPullThrough } from '../../src/pull-through/pull-through.ts';
import { createSourceHealth, type SourceHealth } from '../../src/upstream/source-health.ts';
import type { UpstreamLimits } from '../../src/upstream/limits.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';
import { openStore } from '../../storage/open-store.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { recordedEvents, type RecordedEvents } from './recorded-events.ts';
import { steppedClock, type SteppedClock } from './stepped-clock.ts';
import { testUpstream } from './test-upstream.ts';

export interface PullBenchOptions extends Partial<AllowListOptions> {
  /** Base URLs of the sources, in their order. */
  readonly sources: readonly string[];
  /** The folder of the store. */
  readonly path?: string;
  /** Bytes. */
  readonly maxSize?: number;
  readonly limits?: Partial<UpstreamLimits>;
  /** Called and awaited when a response has been noted, before its blob is there. */
  readonly onNoted?: () => Promise<void>;
}

/** Pull-through on a real store, with a real upstream, and a clock that a test moves on. */
export interface PullBench {
  readonly pull: RunningPullThrough;
  readonly store: Store;
  readonly upstream: Upstream;
  readonly events: RecordedEvents;
  readonly clock: SteppedClock;
  readonly health: SourceHealth;
  /** The path on the allow-list; a test that asks for another one is wrong. */
  target(path: string): PullTarget;
  get(path: string): Promise<Pulled>;
  /** All bytes of an answer, once they are here. */
  bytesOf(pulled: Pulled): Promise<Buffer>;
  close(): Promise<void>;
}

export async function pullBench(t: Test, options: PullBenchOptions): Promise<PullBench> {
  const { sources, path = temporaryFolder(t), maxSize = 2 ** 30, programs = true, domains = [] } = options;
  const store = await openStore({ path, maxSize, minFree: 0, keepGenerations: 3 });
  const upstream = testUpstream(t, { tries: 1, ...options.limits });
  const events = recordedEvents();
  const clock = steppedClock();
  const responses: Store['responses'] = {
    ...store.responses,
    async add(response) {
      await store.responses.add(response);
      await options.onNoted?.();
    },
  };
  const health = createSourceHealth(clock);
  const pull = createPullThrough({
    store: { ...store, responses },
    upstream,
    events,
    clock,
    health,
    allowed: createAllowList({ programs, domains }),
    sourcesOf: () => sources.map((url) => ({ url, type: 'customized' as const })),
  });
  let closed = false;
  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await pull.close();
    await store.close();
  }
  t.teardown(close);

  function target(asked: string): PullTarget {
    const found = pull.find(asked);
    if (!found) throw new Error(`${asked} is on no list`);
    return found;
  }

  return {
    pull,
    store,
    health,
    upstream,
    events,
    clock,
    target,
    get: (asked) => target(asked).get(),
    bytesOf: ({ content }) => ('tag' in content ? takeWhole(content) : store.blobs.read(content)),
    close,
  };
}

/** Everything that comes, as an agent reads it; rejects when it will never be whole. */
export async function takeWhole(take: Take): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let position = 0; position < take.size;) {
    await take.arrival(position);
    const piece = Buffer.alloc(take.available(position));
    position += await take.read(piece, position);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
