import { setTimeout as pause } from 'node:timers/promises';
import { now } from '../now.ts';
import { agentAddress } from './agent-address.ts';
import { type Connection, openConnection } from './connection.ts';
import { percentile } from './percentile.ts';

/** Opened at a time: a server's queue of unaccepted connections is finite. */
const BATCH = 200;

/** Opens connections that make one request each and then stay. */
export async function openIdle(port: number, path: string, count: number): Promise<readonly Connection[]> {
  const all: Connection[] = [];
  while (all.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - all.length) }, (_, n) =>
      openConnection(port, '127.0.0.1', agentAddress(all.length + n)),
    );
    await Promise.all(batch.map((connection) => connection.get(path)));
    all.push(...batch);
  }
  return all;
}

/** Latencies of small requests, ms. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

/** Makes `perSecond` small requests a second, over connections of their own, whatever the answers take. */
export async function probe(port: number, path: string, perSecond: number, seconds: number): Promise<Latencies> {
  const took: number[] = [];
  let failed = 0;
  const idle: Connection[] = [];
  async function one(n: number): Promise<void> {
    const connection = idle.pop() ?? openConnection(port, '127.0.0.1', agentAddress(20_000 + n));
    const asked = now();
    const { status, endedAt } = await connection.get(path);
    if (status === 200) took.push(endedAt - asked);
    else failed += 1;
    if (connection.alive) idle.push(connection);
  }
  const under: Promise<void>[] = [];
  const beganAt = now();
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = beganAt + (n * 1000) / perSecond;
    if (due > now()) await pause(due - now());
    under.push(one(n));
  }
  await Promise.all(under);
  for (const connection of idle) connection.close();
  return { count: took.length, p50: percentile(took, 0.5), p99: percentile(took, 0.99), failed };
}
