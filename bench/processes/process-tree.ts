import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, in which the kernel counts CPU time for `/proc/PID/stat` (proc(5)); 100 on every Linux of today. */
const TICKS = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** Its own. */
  readonly ticks: number;
  /** Of children it has waited for. */
  readonly childTicks: number;
}

/** CPU seconds, user and system, of a process and all below it, threads included. */
export function cpuSeconds(pid: number): number {
  return tree(pid).reduce((sum, { ticks, childTicks }) => sum + ticks + childTicks, 0) / TICKS;
}

/** CPU seconds of this process's children that have ended. */
export function endedChildrenCpuSeconds(): number {
  return (stat(process.pid)?.childTicks ?? 0) / TICKS;
}

/** Resident bytes of a process and all below it. Pages they share count once for each. */
export function residentBytes(pid: number): number {
  return tree(pid).reduce((sum, process) => sum + resident(process.pid), 0);
}

function tree(root: number): Stat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => stat(Number(name)) ?? []);
  const found = all.filter(({ pid }) => pid === root);
  // Each one's children are appended, and are come to in turn.
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

function stat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; the fields are counted from behind it: state is the third.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    return { pid, parent: field(4), ticks: field(14) + field(15), childTicks: field(16) + field(17) };
  } catch {
    return undefined; // it has ended
  }
}

function resident(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0';
  return Number(kilobytes) * 1024;
}
