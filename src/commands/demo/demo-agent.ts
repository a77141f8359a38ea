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
  readonly state: 'new' | 'updating' | 'current' | 'failed' | 'wrong bytes';
  /** Of the last update that fetched anything. */
  readonly full: number;
  readonly incremental: number;
  /** Body bytes received since the start. */
  readonly received: number;
  readonly error: string | null;
}

export interface DemoAgent {
  readonly view: DemoAgentView;
  /** One run of the update process; what came is held against `truth`, byte for byte. Failures are in the view. */
  update(truth: () => Release, signal: AbortSignal): Promise<void>;
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
  const upstream = createUpstream({ clock: systemClock, events: silentEvents, localAddress: address });
  const versions = new Map(have);
  let view: DemoAgentView = { name, address, state: 'new', full: 0, incremental: 0, received: 0, error: null };

  return {
    get view() {
      return view;
    },
    async update(truth, signal) {
      view = { ...view, state: 'updating' };
      try {
        const options = { sources: [source], out: null, have: versions, upstream, clock: systemClock, signal };
        const report = await runAgent(options);
        const wrong = await firstWrong(report, truth());
        for (const { id, after } of report.components) if (after !== null) versions.set(id, after);
        const { full, incremental, received } = report.totals;
        view = {
          ...view,
          state: wrong === null ? 'current' : 'wrong bytes',
          error: wrong,
          received: view.received + received,
          ...(full + incremental > 0 && { full, incremental }),
        };
      } catch (error) {
        view = { ...view, state: 'failed', error: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => upstream.close(),
  };
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
