import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { now } from '../now.ts';
import { agentAddress } from './agent-address.ts';
import { type Connection, openConnection } from './connection.ts';

export interface Downloads {
  readonly port: number;
  readonly root: string;
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
}

/** What was received while the downloads went on. */
export interface DownloadRate {
  readonly bytes: number;
  readonly seconds: number;
  readonly wrong: number;
  readonly failed: number;
  readonly cpuShare: number;
}

/** One connection in so many compares every byte: to compare all would make the load the bottleneck. */
const CHECKED = 20;

/** Keeps `connections` downloads going for some seconds, each connection one path after the other. */
export async function runDownloads({
  port,
  root,
  paths,
  connections: count,
  seconds,
}: Downloads): Promise<DownloadRate> {
  const expected = new Map<string, Buffer>();
  const cpuBefore = process.cpuUsage();
  const beganAt = now();
  const progress = { over: false };
  let bytes = 0;
  let wrong = 0;
  let failed = 0;
  const connections: Connection[] = [];

  function rightBytes(path: string): Buffer {
    const right = expected.get(path) ?? readFileSync(join(root, path));
    expected.set(path, right);
    return right;
  }

  async function agent(n: number): Promise<void> {
    const connection = openConnection(port, '127.0.0.1', agentAddress(n));
    connections.push(connection);
    for (let turn = n; !progress.over; turn += 1) {
      const path = paths[turn % paths.length] ?? '';
      const right = n % CHECKED === 0 ? rightBytes(path) : undefined;
      const got = await connection.get(path, {
        onBody(piece, position) {
          bytes += piece.length;
          if (right && piece.compare(right, position, position + piece.length) !== 0) wrong += 1;
        },
      });
      if (!progress.over && (got.status !== 200 || got.bytes !== got.length)) {
        failed += 1;
        break;
      }
    }
  }

  const agents = Array.from({ length: count }, (_, n) => agent(n));
  await pause(seconds * 1000);
  progress.over = true;
  for (const connection of connections) connection.close();
  await Promise.all(agents);
  const { user, system } = process.cpuUsage(cpuBefore);
  const elapsed = (now() - beganAt) / 1000;
  return { bytes, seconds: elapsed, wrong, failed, cpuShare: (user + system) / 1e6 / elapsed };
}
