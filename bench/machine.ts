import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** Where and when something was measured. */
export interface Machine {
  /** ISO 8601. */
  readonly at: string;
  readonly processor: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  /** Of the checkout; with `+` where it had changes. */
  readonly commit: string;
}

export function thisMachine(): Machine {
  return {
    at: new Date().toISOString(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
    kernel: release(),
    node: process.version,
    commit: commit(),
  };
}

function commit(): string {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' }).stdout?.trim() ?? '';
  const hash = git('rev-parse', '--short=10', 'HEAD');
  // What a run writes itself is no change of what it measures.
  const changed = git('status', '--porcelain', '--', 'src', 'plugins', 'storage', 'package-lock.json') !== '';
  return `${hash}${changed ? '+' : ''}`;
}
