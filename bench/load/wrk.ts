import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { cpuSeconds, endedChildrenCpuSeconds } from '../processes/process-tree.ts';
import { runPinned } from '../processes/run-pinned.ts';

/** What a run of wrk came to, as wrk.lua prints it. */
interface WrkOutput {
  readonly requests: number;
  readonly microseconds: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

export interface WrkRun {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 2xx and 3xx, and broken connections. */
  readonly failed: number;
  /** CPU seconds that the server's processes took meanwhile. */
  readonly serverCpu: number;
  /** Share of its core that wrk took. */
  readonly loadShare: number;
}

/** Asks for one URL over `connections` keep-alive connections, each as fast as it is answered, for some seconds. */
export async function wrk(url: string, connections: number, seconds: number, serverPid: number): Promise<WrkRun> {
  const script = join(import.meta.dirname, 'wrk.lua');
  const options = ['--threads', '1', '--connections', String(connections), '--timeout', '30s', '--script', script];
  const before = { server: cpuSeconds(serverPid), load: endedChildrenCpuSeconds() };
  const { child } = runPinned('load', ['wrk', ...options, '--duration', `${seconds}s`, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('wrk has no output');
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const serverCpu = cpuSeconds(serverPid) - before.server;
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0 || !last.startsWith('{')) throw new Error(`wrk ended with ${code}: ${output}`);
  const { requests, microseconds, p50, p99, failed } = JSON.parse(last) as WrkOutput;
  const loadShare = (endedChildrenCpuSeconds() - before.load) / (microseconds / 1e6);
  return { requests, seconds: microseconds / 1e6, p50: p50 / 1000, p99: p99 / 1000, failed, serverCpu, loadShare };
}
