import { BlockList, isIP } from 'node:net';

interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Whether `text` is one IPv4 or IPv6 address, or a range of them in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isAddressRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

/**
 * Turns ranges (`10.0.0.0/8`, `::1`) into a test for client addresses. An IPv4 client of a dual-stack listener
 * (`::ffff:10.0.0.1`) is judged as the IPv4 client it is. What is no address, or in no range, fails.
 */
export function addressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseRange(text);
    if (range) list.addSubnet(range.address, range.prefix, range.family);
  }
  return (address) => {
    // A link-local client carries the interface it came by (fe80::1%eth0): no part of the address.
    const [plain = ''] = address.split('%');
    const family = isIP(plain);
    return family !== 0 && list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  };
}

const inLoopback = addressMatcher(['127.0.0.0/8', '::1']);

/** Whether a listener on this host can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || inLoopback(host);
}

function parseRange(text: string): AddressRange | undefined {
  const [address = '', digits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (digits !== undefined && !/^\d{1,3}$/.test(digits)) return undefined;
  const prefix = digits === undefined ? bits : Number(digits);
  return prefix <= bits ? { address, prefix, family: family === 4 ? 'ipv4' : 'ipv6' } : undefined;
}
