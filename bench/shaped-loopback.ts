import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { runPinned } from './processes/run-pinned.ts';

/** The line between an origin and everybody else. */
export interface Shape {
  /** Bits a second. */
  readonly rate: number;
  /** Milliseconds there and back. */
  readonly delay: number;
}

/** What the kernel does of a shape; the origin has to do the rest. */
export interface KernelShape {
  readonly rate: boolean;
  readonly delay: boolean;
}

/** The address an origin behind the line listens on: in a network of our own, all that comes from it is shaped. */
export const SHAPED_ADDRESS = '127.0.0.2';

/** Set for a process that runs in such a network. */
const INSIDE = 'BENCH_SHAPED';

/** What the kernel shapes for this process; null: it runs in the host's network. */
export function kernelShape(): KernelShape | null {
  const inside = process.env[INSIDE];
  return inside === undefined ? null : (JSON.parse(inside) as KernelShape);
}

/**
 * Runs this program once more with the same arguments in a network namespace of its own, whose only interface is a
 * loopback that shapes what comes from SHAPED_ADDRESS; it is gone with the process. Answers the exit code, or null
 * where this machine does not let us: not as root, or without `unshare`, `tc` or HTB.
 */
export async function runShaped(args: readonly string[], { rate, delay }: Shape): Promise<number | null> {
  const limit = `tc qdisc add dev lo root handle 1: htb default 2 &&
    tc class add dev lo parent 1: classid 1:1 htb rate ${rate} burst 16k &&
    tc class add dev lo parent 1: classid 1:2 htb rate 100gbit burst 1m quantum 60000 &&
    tc class add dev lo parent 1: classid 1:3 htb rate 100gbit burst 1m quantum 60000 &&
    tc filter add dev lo parent 1: protocol ip u32 match ip src ${SHAPED_ADDRESS}/32 flowid 1:1 &&
    tc filter add dev lo parent 1: protocol ip u32 match ip dst ${SHAPED_ADDRESS}/32 flowid 1:3`;
  // Half of the delay each way. Many kernels of small machines have no netem.
  const latency = ['1:1', '1:3']
    .map((parent) => `tc qdisc add dev lo parent ${parent} netem delay ${delay / 2}ms limit 10000`)
    .join(' && ');
  const network = `ip link set lo up mtu 1500 && ${limit}`;
  const can = (script: string): boolean => spawnSync('unshare', ['--net', 'sh', '-c', script]).status === 0;
  if (!can(network)) return null;
  const kernel: KernelShape = { rate: true, delay: can(`${network} && ${latency}`) };
  const script = `{ ${network}${kernel.delay ? ` && ${latency}` : ''}; } 2>/dev/null && exec "$@"`;
  const { child } = runPinned('load', ['unshare', '--net', 'sh', '-c', script, 'sh', process.execPath, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, [INSIDE]: JSON.stringify(kernel) },
  });
  const [code] = await once(child, 'exit');
  return code;
}
