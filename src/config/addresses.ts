import { BlockList, isIP } from 'node:net';

type Family = 'ipv4' | 'ipv6';

/** Addresses that share their first `prefix` bits. */
interface Network {
  readonly family: Family;
  readonly address: string;
  readonly prefix: number;
}

/** All addresses from `first` to `last`, both included. */
interface Span {
  readonly family: Family;
  readonly first: string;
  readonly last: string;
}

/** Addresses whose verdict is remembered: to judge one takes a microsecond, and a branch asks from the same ones all day. */
const MOST_JUDGED = 4096;

/** Whether `text` is one IPv4 or IPv6 address, or a range of them in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3). */
export function isAddressRange(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/** Whether `text` is what an entry of the customized list can be for: the same, or `FIRST-LAST` as the console writes it. */
export function isEntryRange(text: string): boolean {
  return isAddressRange(text) || parseSpan(text) !== undefined;
}

/**
 * Turns ranges (`10.0.0.0/8`, `::1`, `10.1.0.0-10.1.255.255`) into a test for client addresses. An IPv4 client of a
 * dual-stack listener (`::ffff:10.0.0.1`) is judged as the IPv4 client it is. What is no address, or in no range, fails.
 */
export function addressMatcher(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of ranges) {
    const network = parseNetwork(text);
    if (network) list.addSubnet(network.address, network.prefix, network.family);
    const span = parseSpan(text);
    if (span) list.addRange(span.first, span.last, span.family);
  }
  const judge = (address: string): boolean => {
    // A link-local client carries the interface it came by (fe80::1%eth0): no part of the address.
    const [plain = ''] = address.split('%');
    const family = familyOf(plain);
    return family !== undefined && list.check(plain, family);
  };
  const judged = new Map<string, boolean>();
  return (address) => {
    let verdict = judged.get(address);
    if (verdict === undefined) {
      if (judged.size >= MOST_JUDGED) judged.clear();
      judged.set(address, (verdict = judge(address)));
    }
    return verdict;
  };
}

const inLoopback = addressMatcher(['127.0.0.0/8', '::1']);

/** Whether a listener on this host can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || inLoopback(host);
}

function parseNetwork(text: string): Network | undefined {
  const [address = '', digits, ...more] = text.split('/');
  const family = familyOf(address);
  if (family === undefined || more.length > 0) return undefined;
  const bits = family === 'ipv4' ? 32 : 128;
  if (digits !== undefined && !/^\d{1,3}$/.test(digits)) return undefined;
  const prefix = digits === undefined ? bits : Number(digits);
  return prefix <= bits ? { address, prefix, family } : undefined;
}

function parseSpan(text: string): Span | undefined {
  const [first = '', last = '', ...more] = text.split('-');
  const family = familyOf(first);
  if (family === undefined || family !== familyOf(last) || more.length > 0) return undefined;
  try {
    new BlockList().addRange(first, last, family);
    return { first, last, family };
  } catch {
    // Node's own check: the first one comes after the last.
    return undefined;
  }
}

/** Of an address without the name of an interface: a range means the same on every host. */
function familyOf(address: string): Family | undefined {
  const version = address.includes('%') ? 0 : isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}
