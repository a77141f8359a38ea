import { networkInterfaces } from 'node:os';

/** The addresses this host has now, on all its interfaces: what decides which ranges of a list hold it. */
export function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
}
