import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import nodeFlags from '../../scripts/node-flags.json' with { type: 'json' };
import type { EventName } from '../../src/ports/events.ts';
import { PREFETCH_ALL_ENV } from './prefetch-all.ts';
import { SHARED_ADDRESS_ENV } from './shared-address.ts';
import { root } from './tool.ts';

/** A line of the relay's log: the event's name and its fields. */
export interface LogLine {
  readonly event: EventName;
  readonly [field: string]: unknown;
}

/** A relay as its users have it: a process, its log, its URLs. */
export interface RelayProcess {
  readonly pid: number;
  readonly agentsUrl: string;
  readonly adminUrl: string;
  /** All lines of its log so far. */
  readonly log: readonly LogLine[];
  /**
   * The `count`th line of `event`, the first unless told otherwise: there already, or when it comes. Rejects when it does not
   * `within` so many ms.
   */
  logged(event: EventName, count?: number, within?: number): Promise<LogLine>;
  /** SIGTERM. Answers how it ended, and what it wrote to standard error. */
  stop(): Promise<RelayEnd>;
  /** SIGKILL; gone when it resolves. */
  kill(): Promise<void>;
}

export interface RelayEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** Milliseconds. Far more than any step takes: a test that waits this long has failed. */
const PATIENCE = 60_000;

/** The command line of the relay, as the image and the npm scripts have it. */
export function relayCommand(...args: string[]): string[] {
  return [process.execPath, ...nodeFlags, join(root, 'src', 'main.ts'), ...args];
}

/** What a relay needs to mirror `source` alone into `store`, and nothing else: places to listen at; and the word of who runs as root. */
export function relaySettings(source: string, store: string): Record<string, string> {
  return {
    RELAY_SOURCES__OFFICE_SCAN_SERVER: source,
    // Without a list there is no other source then: nothing of a test goes to the Internet.
    RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'true',
    ...PREFETCH_ALL_ENV,
    ...SHARED_ADDRESS_ENV,
    RELAY_STORAGE__PATH: store,
    RELAY_AGENTS__HOST: '127.0.0.1',
    RELAY_AGENTS__PORT: '0',
    RELAY_ADMIN__PORT: '0',
    RELAY_ALLOW_ROOT: '1',
  };
}

/** Where a relay runs in tests: configured by `settings` alone, out of reach of a developer's variables and relay.yaml. */
export function relaySurroundings(settings: Readonly<Record<string, string>>): { cwd: string; env: NodeJS.ProcessEnv } {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RELAY_'));
  return { cwd: import.meta.dirname, env: { ...Object.fromEntries(inherited), ...settings } };
}

/**
 * Runs `relay serve`, where `under` is given by a program that runs what stands behind it. Resolves when both listeners are bound;
 * rejects, with what it wrote, when it ends before.
 */
export async function relayProcess(
  t: { teardown(end: () => unknown): void },
  settings: Readonly<Record<string, string>>,
  under: readonly string[] = [],
): Promise<RelayProcess> {
  const [command = '', ...args] = [...under, ...relayCommand('serve')];
  const child = spawn(command, args, { ...relaySurroundings(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  const log: LogLine[] = [];
  const news = new EventEmitter();
  const over = new AbortController();
  const ended = endOf(child).finally(() => over.abort());
  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }
  t.teardown(kill);
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.push(JSON.parse(line) as LogLine);
    news.emit('line');
  });

  async function logged(event: EventName, count = 1, within = PATIENCE): Promise<LogLine> {
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(within)]);
    for (;;) {
      const found = log.filter((line) => line.event === event)[count - 1];
      if (found) return found;
      if (signal.aborted) break;
      await once(news, 'line', { signal }).catch(() => {});
    }
    await kill();
    const { stderr } = await ended;
    throw new Error(`the relay did not log ${event}, but: ${JSON.stringify(log.slice(-5))} ${stderr}`);
  }

  const { agents, admin } = await logged('relay.started');
  return {
    pid: child.pid ?? 0,
    agentsUrl: String(agents),
    adminUrl: String(admin),
    log,
    logged,
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
    kill,
  };
}

async function endOf(child: ChildProcess & { readonly stderr: NodeJS.ReadableStream }): Promise<RelayEnd> {
  const [stderr, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, signal, stderr };
}
