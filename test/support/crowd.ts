import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** How many want each processor at the moment: what takes longer for that is not the relay's doing. */
export function crowd(): number {
  const [load = 1] = loadavg();
  return Math.max(1, load / availableParallelism(), running() / availableParallelism());
}

/** Right now: the load of a minute is late by one. */
function running(): number {
  try {
    return Number.parseInt(readFileSync('/proc/loadavg', 'utf8').split(' ')[3] ?? '', 10) || 1;
  } catch {
    // Only Linux tells.
    return 1;
  }
}
