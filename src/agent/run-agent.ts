import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { folderHome } from './folder-home.ts';
import { memoryHome } from './memory-home.ts';
import { DEFAULT_KINDS, type AgentKind } from './plan.ts';
import type { AgentProgress } from './progress.ts';
import { totalsOf, type AgentReport, type Attempt, type ReportedItem } from './report.ts';
import { sourceName } from './source-name.ts';
import { updateFrom, type AgentContext } from './update-from.ts';

export interface AgentOptions {
  /** Base URLs, in the order in which they are tried. */
  readonly sources: readonly string[];
  readonly only?: readonly AgentKind[];
  /** The folder to keep objects and state in; null keeps nothing but hashes. */
  readonly out: string | null;
  /** Versions held, by component id, as the index writes them; they take precedence over the state in `out`. */
  readonly have: ReadonlyMap<string, string>;
  /** This agent's own: what it receives is counted, and its local address is what a relay knows the agent by. */
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly onProgress?: (progress: AgentProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * The update process of an agent (docs/protocol.md §2): the first source, unable to update from it the next one from the
 * start, and when all have failed it quits. What came whole from a source that failed later is kept. Incrementals are
 * fetched and recorded, not merged: only the vendor's engine can do that.
 * Throws RLY_AGENT_NO_SOURCE, whose cause holds one error a source; RLY_AGENT_FOLDER and RLY_AGENT_STATE, which no other
 * source would mend; and the reason of `signal`.
 */
export async function runAgent(options: AgentOptions): Promise<AgentReport> {
  const { sources, out, have, upstream, clock, signal, only = DEFAULT_KINDS, onProgress = () => {} } = options;
  const startedAt = clock.monotonic();
  const receivedBefore = upstream.received.total();
  const home = out === null ? memoryHome() : await folderHome(out);
  const versions = new Map([...home.versions, ...have]);
  const context: AgentContext = { upstream, home, kinds: only, versions, fetched: new Map(), onProgress, signal };
  const failures: Failure[] = [];

  for (const url of sources) {
    const source = sourceName(url);
    try {
      const { index, components } = await updateFrom({ url, type: 'customized' }, context);
      remember(components, versions);
      return {
        source,
        index,
        attempts: [...failures.map(failedAttempt), { source, error: null }],
        components,
        totals: totalsOf(components, upstream.received.total() - receivedBefore),
        durationMs: Math.round(clock.monotonic() - startedAt),
      };
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      failures.push({ source, error });
    } finally {
      await home.save(versions, [...context.fetched.values()]);
    }
  }
  throw noSource(failures);
}

interface Failure {
  readonly source: string;
  readonly error: RelayError;
}

/** Whether another source may do better. Not where the fault is the agent's own: a full disk, a bug, an abort. */
function isUnavailable(error: unknown): error is RelayError {
  // `config`: an address that the door outward never connects to.
  return isRelayError(error) && (error.fault === 'upstream' || error.fault === 'config');
}

function failedAttempt({ source, error: { code, message } }: Failure): Attempt {
  return { source, error: { code, message } };
}

function noSource(failures: readonly Failure[]): RelayError {
  const reasons = failures
    .map(({ source, error: { message } }) => (message.includes(source) ? message : `${source}: ${message}`))
    .join('; ');
  const cause = new AggregateError(failures.map(({ error }) => error));
  return new RelayError('RLY_AGENT_NO_SOURCE', { count: failures.length, reasons }, { cause });
}

/** Program packages carry no version, so there is none to remember. */
function remember(components: readonly ReportedItem[], versions: Map<string, string>): void {
  for (const { id, after } of components) if (after !== null) versions.set(id, after);
}
