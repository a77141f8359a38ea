/** The loopback address of agent `n`: each has its own, as in a branch. Linux has all of 127.0.0.0/8 without being told. */
export function agentAddress(n: number): string {
  return `127.1.${n >> 8}.${(n & 255) + 1}`.replace(/\.256$/, '.0');
}
