import type { Config } from '../config/schema.ts';
import type { ConnectionLimits } from './connections.ts';

/** Connections of agents without a setting: more than a branch has agents. */
const MOST = 10_000;

/** Open files that are not for agents' connections: blobs, sources, administration. */
const RESERVE = 512;

/** What `agents.limits` means where a process may have `openFiles` files open. Pure. */
export function connectionLimits(
  { limits, trustedProxies }: Pick<Config['agents'], 'limits' | 'trustedProxies'>,
  openFiles: number,
): ConnectionLimits {
  return {
    most: Math.max(1, Math.min(limits.connections ?? MOST, openFiles - RESERVE)),
    mostPerAddress: limits.connectionsPerAddress,
    proxies: trustedProxies,
  };
}

/**
 * The admin listener takes a part of that reserve. A monitor, a few people and their consoles need less: eight may follow events at a
 * time. Whoever takes all other places leaves the host its own, for a probe of health and for `relay status`.
 */
export const ADMIN_CONNECTIONS: ConnectionLimits = {
  most: 128,
  mostPerAddress: 16,
  proxies: [],
  kept: { places: 16, addresses: ['127.0.0.0/8', '::1'] },
};

/** How many files this process may have open (RLIMIT_NOFILE). Node raises it to the hard limit when it starts. */
export function openFilesLimit(): number {
  // The addresses of all connections are in a report too, with their names, unless it is told not to look.
  Object.assign(process.report, { excludeNetwork: true });
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Infinity;
}
