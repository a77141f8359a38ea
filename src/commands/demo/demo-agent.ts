import { hash } from 'node:crypto';
import { runAgent } from '../../agent/run-agent.ts';
import type { AgentReport } from '../../agent/report.ts';
import type { Release } from '../../lab/release.ts';
import { signaturePath } from '../../manifest/path.ts';
import { systemClock } from '../../ports/clock.ts';
import { silentEvents } from '../../ports/events.ts';
import { createUpstream } from '../../upstream/client.ts';

/** What the demo knows of one of its agents. */
export interface DemoAgentView {
  readonly name: string;
  readonly address: string;
  readonly state: 'new' | 'updating' | 'updated' | 'failed' | 'wrong bytes';
  /** The release whose bytes it was proven to have; 0 before the first. */
  readonly release: number;
  /** Of the last update that fetched anything. */
  readonly full: number;
  readonly incremental: number;
  /** Body bytes received since the start. */
  readonly received: number;
  readonly error: string | null;
}

export interface DemoAgent {
  readonly view: DemoAgentView;
  /**
   * One run of the update process; what came is held, byte for byte, against the one of `released` whose versions it
   * has now. Failures are in the view. Answers whether anything was fetched.
   */
  update(released: readonly Release[], signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

export interface DemoAgentOptions {
  readonly name: string;
  /** A loopback address of its own, so that the relay can tell agents apart: 127.0.0.11. */
  readonly address: string;
  readonly source: string;
  /** Versions held at the start. */
  readonly have: ReadonlyMap<string, string>;
}

/** An agent that keeps versions and hashes, nothing else. */
export function createDemoAgent({ name, address, source, have }: DemoAgentOptions): DemoAgent {
  // One connection: an agent fetches one thing at a time, and a relay may tell agents apart by their connections.
  const upstream = createUpstream({ clock: systemClock, events: silentEvents, localAddress: address, connections: 1 });
  const versions = new Map(have);
  let view: DemoAgentView = {
    name,
    address,
    state: 'new',
    release: 0,
    full: 0,
    incremental: 0,
    received: 0,
    error: null,
  };

  return {
    get view() {
      return view;
    },
    async update(released, signal) {
      view = { ...view, state: 'updating' };
      try {
        const options = { sources: [source], out: null, have: versions, upstream, clock: systemClock, signal };
        const report = await runAgent(options);
        for (const { id, after } of report.components) if (after !== null) versions.set(id, after);
        const truth = released.findLast((release) => holds(versions, release));
        const wrong = truth ? await firstWrong(report, truth) : 'its versions are those of no release';
        const { full, incremental, received } = report.totals;
        const fetched = full + incremental > 0;
        view = {
          ...view,
          state: wrong === null ? 'updated' : 'wrong bytes',
          release: truth?.number ?? view.release,
          error: wrong,
          received: view.received + received,
          ...(fetched && { full, incremental }),
        };
        return fetched;
      } catch (error) {
        view = { ...view, state: 'failed', error: error instanceof Error ? error.message : String(error) };
        return false;
      }
    },
    close: () => upstream.close(),
  };
}

function holds(versions: ReadonlyMap<string, string>, release: Release): boolean {
  return [...release.versions].every(([id, version]) => versions.get(id) === version);
}

/** The first path whose bytes, or whose signature's, are not those of the release; null when all are. */
async function firstWrong({ components }: AgentReport, release: Release): Promise<string | null> {
  for (const { path, sha256, signature } of components) {
    if (path === null) continue;
    if (sha256 !== hash('sha256', await release.file(path))) return path;
    const signaturesPath = signaturePath(path);
    const expected = release.files.has(signaturesPath) ? hash('sha256', await release.file(signaturesPath)) : null;
    if (signature !== expected) return signaturesPath;
  }
  return null;
}
