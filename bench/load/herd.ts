import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { now } from '../now.ts';
import { agentAddress } from './agent-address.ts';
import { type Fetched, fetchObject } from './fetch-object.ts';

export interface Herd {
  readonly port: number;
  /** Of the site, where the right bytes lie. */
  readonly root: string;
  /** Absolute URL path of the one object. */
  readonly path: string;
  /** First and last byte for each agent; null: the whole. */
  readonly ranges: readonly (readonly [number, number] | null)[];
  /** Every so many-th agent compares every byte; all of them compare the length. */
  readonly checkEvery: number;
  /** Milliseconds each agent gives it. */
  readonly patience: number;
}

/** All agents ask at once; how each one fared, and when they began. */
export async function runHerd({ port, root, path, ranges, checkEvery, patience }: Herd): Promise<{
  readonly beganAt: number;
  readonly agents: readonly Fetched[];
  /** Share of this process's core that the load took. */
  readonly cpuShare: number;
}> {
  const expected = readFileSync(join(root, path));
  const cpuBefore = process.cpuUsage();
  const beganAt = now();
  const agents = await Promise.all(
    ranges.map((range, n) =>
      fetchObject(
        { port, localAddress: agentAddress(n), patience },
        { path, range },
        expected.length,
        n % checkEvery === 0 ? expected : null,
      ),
    ),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  return { beganAt, agents, cpuShare: (user + system) / 1000 / (now() - beganAt) };
}
