// The update source of the bench, as a process: what a relay mirrors from and a cache stands in front of.
import { serveCalls } from '../processes/calls.ts';
import { type Origin, type OriginCounts, type OriginOptions, startOrigin } from './origin-server.ts';

const started = Promise.withResolvers<Origin>();

const calls = {
  /** Answers the port. */
  async start(options: OriginOptions): Promise<number> {
    const origin = await startOrigin(options);
    started.resolve(origin);
    return origin.port;
  },
  async counts(): Promise<OriginCounts> {
    return (await started.promise).counts();
  },
  async reset({ cutAt }: { readonly cutAt: number | null }): Promise<void> {
    (await started.promise).reset(cutAt);
  },
};

export type OriginCalls = typeof calls;

serveCalls(calls);
