import type { Reach } from '../config/read-reach.ts';
import { RelayError } from '../errors/relay-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import { createByteLedger } from './byte-ledger.ts';
import type { RequestContext, UpstreamContext } from './exchange.ts';
import { fetchIndex } from './fetch-index.ts';
import { fetchObject } from './fetch-object.ts';
import { fetchResource } from './fetch-resource.ts';
import { defaultLimits, type UpstreamLimits } from './limits.ts';
import { createRoutes, type Routes } from './routes.ts';
import type { SourceHealth } from './source-health.ts';
import type { UpdateSource } from './source.ts';
import type { Upstream } from './upstream.ts';
import { createWanBudget } from './wan-budget.ts';
import { laneOf } from './wan-turns.ts';
import type { WanSettings } from './wan-windows.ts';

export interface UpstreamOptions {
  readonly clock: Clock;
  readonly events: Events;
  /** Uniform in [0, 1): the jitter of pauses. */
  readonly random?: () => number;
  /** Replaces single defaults. */
  readonly limits?: Partial<UpstreamLimits>;
  readonly userAgent?: string;
  /** Names this relay to its sources in Via (RFC 9110 §7.6.3); without it there is no such field. */
  readonly pseudonym?: string;
  /** Knows which source wants to be left alone until when; without it each is asked. */
  readonly health?: Pick<SourceHealth, 'notBefore'>;
  /** Address of this host to connect from; without it the system chooses. */
  readonly localAddress?: string;
  /** Connections to one origin at a time. */
  readonly connections?: number;
  /** How sources are reached that are not simply there. */
  readonly reach?: readonly Reach[];
  /** The variable NO_PROXY. */
  readonly noProxy?: string;
  /** What all sources together may take of the line; no limit without it. */
  readonly wan?: WanSettings;
}

/**
 * Connections of a relay to one origin: the six downloads of an update and an index beside them leave half for what agents
 * wait for, which so never queues behind an update. A server has some more of them for minutes, and no more bytes to send.
 */
const CONNECTIONS = 16;

/** Opens the door outward: undici agents with pools of their own, never the process-wide one. Close it in the end. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const limits = { ...defaultLimits, ...options.limits };
  const { noProxy = '', localAddress, connections = CONNECTIONS } = options;
  const routesOf = (reach: readonly Reach[]): Routes =>
    createRoutes({ reach, noProxy, limits, localAddress, connections });
  let routes = routesOf(options.reach ?? []);
  const budget = createWanBudget(options.wan ?? { windows: [] }, options.clock);
  /** Ways that were replaced, while something still comes on them. */
  const retired = new Set<Routes>();
  const context: UpstreamContext = {
    get routes() {
      return routes;
    },
    budget,
    clock: options.clock,
    events: options.events,
    random: options.random ?? Math.random,
    limits,
    userAgent: options.userAgent ?? 'update-agent-relay',
    pseudonym: options.pseudonym ?? null,
  };
  const received = createByteLedger();
  const closing = new AbortController();

  const contextFor = (
    { url }: Pick<UpdateSource, 'url'>,
    lane: RequestContext['lane'],
    kind = 'components',
  ): RequestContext => ({
    ...context,
    // The next step of a request may go another way than the one before: a redirect, another try.
    get routes() {
      return routes;
    },
    lane,
    count: (bytes) => received.add(url, kind, bytes),
    admit() {
      const until = options.health?.notBefore(url) ?? null;
      if (until !== null)
        throw new RelayError('RLY_UPSTREAM_NOT_BEFORE', { url, until: new Date(until).toISOString() });
    },
  });
  const until = (signal: AbortSignal | undefined): AbortSignal =>
    signal ? AbortSignal.any([closing.signal, signal]) : closing.signal;

  return {
    received,
    fetchIndex: (source, validators, signal) =>
      fetchIndex(
        contextFor(source, () => 'urgent'),
        source,
        validators,
        until(signal),
      ),
    fetchObject: (request) =>
      fetchObject(
        contextFor(request.source, () => laneOf(request), request.kind),
        request,
        until(request.signal),
      ),
    fetchResource: (request) =>
      fetchResource(
        contextFor(request.source, () => 'urgent', request.kind),
        request,
        until(request.signal),
      ),
    reach(reach) {
      const replaced = routes;
      routes = routesOf(reach);
      retired.add(replaced);
      void replaced.close().finally(() => retired.delete(replaced));
    },
    limit: budget.limit,
    async close() {
      closing.abort();
      await Promise.all([routes, ...retired].map((ways) => ways.destroy()));
    },
  };
}
