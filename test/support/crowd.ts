import { availableParallelism, loadavg } from 'node:os';

/** How many want each processor at the moment: what takes longer for that is not the relay's doing. */
export function crowd(): number {
  const [load = 1] = loadavg();
  return Math.max(1, load / availableParallelism());
}
