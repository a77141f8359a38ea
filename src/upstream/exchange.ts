import type { Dispatcher } from 'undici';
import { RelayError } from '../errors/relay-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import { requestFailure } from './failure.ts';
import type { UpstreamLimits } from './limits.ts';
import { proxyAuthError } from './proxy-failure.ts';
import { redirectTarget, type Target } from './request-url.ts';
import type { Route, Routes } from './routes.ts';
import type { WanBudget } from './wan-budget.ts';
import type { Lane } from './wan-turns.ts';

/** What every request to a source needs. */
export interface UpstreamContext {
  readonly routes: Routes;
  readonly clock: Clock;
  readonly events: Events;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly limits: UpstreamLimits;
  readonly budget: WanBudget;
  readonly userAgent: string;
  /** For the Via field; null: none is sent. */
  readonly pseudonym: string | null;
}

/** What one download needs besides, for all of its tries. */
export interface RequestContext extends UpstreamContext {
  /** Throws while the source wants to be left alone; asked before each request. */
  readonly admit: () => void;
  /** Learns of each piece of a body as it comes over the network, also of what is discarded or cut. */
  readonly count: (bytes: number) => void;
  /** How urgent it is, now. */
  readonly lane: () => Lane;
}

/** The header of a response, whose body is still to be read or discarded. */
export interface Answer {
  /** Where it came from in the end, without credentials. */
  readonly url: string;
  readonly status: number;
  /** A field's value by its lower-case name; null when absent. */
  readonly header: (name: string) => string | null;
  readonly body: Dispatcher.ResponseData['body'];
  /** The way it came. */
  readonly route: Pick<Route, 'key' | 'proxy' | 'authorization'>;
}

const MOST_REDIRECTS = 3;
/** Informational answers (RFC 9110 §15.2) before the one that counts. No server seen sends any; proxies may send one. */
const MOST_INTERIM = 10;
const CONTENT: ReadonlySet<number> = new Set([200, 206]);
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * One GET. Redirects are followed within the origin only (SECURITY.md). Whoever gets an answer reads its body to
 * the end or discards it. Throws RLY_UPSTREAM_REDIRECT, RLY_UPSTREAM_CODED, RLY_UPSTREAM_NOT_BEFORE, and what `requestFailure`
 * makes of a connection that fails; rejects with the signal's reason when it aborts.
 */
export async function get(
  context: RequestContext,
  target: Target,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  let current = target;
  for (let redirects = 0; ; redirects += 1) {
    context.admit();
    const answer = await send(context, current, headers, signal);
    if (!REDIRECTS.has(answer.status)) return uncoded(answer);
    discard(answer);
    const location = answer.header('location');
    const next = location !== null && redirects < MOST_REDIRECTS ? redirectTarget(current, location) : null;
    if (next === null) {
      const expected = `redirects within ${current.origin}, at most ${MOST_REDIRECTS}`;
      const fields = { url: current.url, found: answer.status, location: location ?? 'nowhere', expected };
      throw new RelayError('RLY_UPSTREAM_REDIRECT', fields);
    }
    current = next;
  }
}

async function send(
  { routes, limits, userAgent, pseudonym, count }: RequestContext,
  target: Target,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Answer> {
  const { url } = target;
  // Asked for at each step of a redirect: one that leaves the prefix leaves its credentials behind.
  const route = routes.to(url);
  const authorization = target.authorization ?? route.authorization;
  const allHeaders = {
    'user-agent': userAgent,
    // RFC 9110 §7.6.3: by this the relay knows its own requests, should one come back to it.
    ...(pseudonym !== null && { via: `1.1 ${pseudonym}` }),
    // Sizes and hashes are of the bytes as they lie on the server: nobody may compress them on the way.
    'accept-encoding': 'identity',
    ...(authorization !== null && { authorization }),
    ...headers,
  };
  const { onInfo, flooded } = interimLimit(url);
  let answer: Answer;
  try {
    const asking = { headers: allHeaders, signal: AbortSignal.any([signal, flooded]), onInfo, count };
    const { statusCode, body, headers: fields } = await route.request(target, asking);
    const header = (name: string): string | null => fields[name]?.toString() ?? null;
    answer = { url, status: statusCode, body, header, route: { ...route, authorization } };
  } catch (error) {
    signal.throwIfAborted();
    throw requestFailure(error, url, limits, route);
  }
  const { proxy, key } = route;
  if (answer.status !== 407 || proxy === null) return answer;
  discard(answer);
  throw proxyAuthError(url, proxy, key, answer.status);
}

/** Each informational answer starts undici's (8.12) clock for the header anew: without an end to them it never runs out. */
function interimLimit(url: string): { readonly onInfo: () => void; readonly flooded: AbortSignal } {
  const flood = new AbortController();
  const reason = `more than ${MOST_INTERIM} informational answers came, and no other`;
  let seen = 0;
  return {
    flooded: flood.signal,
    onInfo() {
      seen += 1;
      if (seen > MOST_INTERIM) flood.abort(new RelayError('RLY_UPSTREAM_PROTOCOL', { url, reason }));
    },
  };
}

/**
 * Lets go of an answer nobody wants: a short body is read, so that its connection lives on; a long one is cut. What comes of
 * it is counted; nobody waits for the budget because of it.
 */
export function discard({ body }: Answer): void {
  body.dump({ limit: 16 * 1024, signal: AbortSignal.timeout(5_000) }).catch(() => {});
}

function uncoded(answer: Answer): Answer {
  const coding = answer.header('content-encoding') ?? 'identity';
  // An error page may be coded as it likes: nobody reads it.
  if (coding.toLowerCase() === 'identity' || !CONTENT.has(answer.status)) return answer;
  discard(answer);
  throw new RelayError('RLY_UPSTREAM_CODED', { url: answer.url, found: coding, expected: 'no content coding' });
}
