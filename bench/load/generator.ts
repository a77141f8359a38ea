// The load of the bench, as a process: agents that ask and check what they get.
import { serveCalls } from '../processes/calls.ts';
import { runBranchDay } from './branch-day.ts';
import type { Connection } from './connection.ts';
import { runDownloads } from './downloads.ts';
import { runHerd } from './herd.ts';
import { openIdle, probe } from './idle.ts';

let idle: readonly Connection[] = [];

const calls = {
  herd: runHerd,
  downloads: runDownloads,
  branchDay: runBranchDay,

  /** Opens connections that stay open until `release`. */
  async hold({ port, path, count }: { readonly port: number; readonly path: string; readonly count: number }) {
    idle = await openIdle(port, path, count);
  },
  /** Answers how many of them were still open. */
  async release(): Promise<number> {
    const open = idle.filter(({ alive }) => alive).length;
    for (const connection of idle) connection.close();
    idle = [];
    return open;
  },
  async probe({
    port,
    path,
    perSecond,
    seconds,
  }: {
    readonly port: number;
    readonly path: string;
    readonly perSecond: number;
    readonly seconds: number;
  }) {
    return probe(port, path, perSecond, seconds);
  },
};

export type GeneratorCalls = typeof calls;

serveCalls(calls);
