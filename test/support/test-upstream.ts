import { systemClock, type Clock } from '../../src/ports/clock.ts';
import type { Events } from '../../src/ports/events.ts';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/client.ts';
import type { UpstreamLimits } from '../../src/upstream/limits.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';

/** Sleeps a hundredth of what it is asked to: pauses keep their order and cost no time. */
const hastyClock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 100, signal) };

export interface Retry {
  readonly url: string;
  readonly error: string;
  readonly attempt: number;
  readonly seconds: number;
}

/** A real upstream for one test: pauses are short, retries are noted, and it is closed in the end. */
export function testUpstream(
  t: { teardown(end: () => unknown): void },
  limits: Partial<UpstreamLimits> = {},
  {
    now = systemClock.now,
    monotonic = systemClock.monotonic,
    ...ways
  }: Pick<UpstreamOptions, 'reach' | 'noProxy' | 'health'> & Partial<Pick<Clock, 'now' | 'monotonic'>> = {},
): Upstream & { readonly retries: readonly Retry[] } {
  const retries: Retry[] = [];
  const events: Events = {
    emit(name, fields) {
      if (name === 'upstream.retry') retries.push(fields as Retry);
    },
  };
  const options = {
    clock: { ...hastyClock, now, monotonic },
    events,
    random: () => 0,
    limits,
    userAgent: 'relay-test',
  };
  const upstream = createUpstream({ ...options, ...ways });
  t.teardown(() => upstream.close());
  return Object.assign(upstream, { retries });
}
