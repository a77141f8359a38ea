import { BlockList, isIPv6 } from 'node:net';

// What an update source never is, and an attacker who can change a DNS answer would love to reach: link-local
// addresses, and the metadata services of clouds that lie outside that range (SECURITY.md, "upstream").
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16);
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addAddress('100.100.100.200');
forbidden.addAddress('168.63.129.16');
forbidden.addAddress('fd00:ec2::254', 'ipv6');
forbidden.addAddress('fd20:ce::254', 'ipv6');
// The IPv4 ones as a NAT64 reaches them (RFC 6052 §2.1): a resolver that makes up IPv6 addresses writes them so.
forbidden.addSubnet('64:ff9b::169.254.0.0', 112, 'ipv6');
forbidden.addAddress('64:ff9b::100.100.100.200', 'ipv6');
forbidden.addAddress('64:ff9b::168.63.129.16', 'ipv6');

/** Whether the relay never connects to this IP address. A host name is not one, and is not forbidden. */
export function isForbiddenAddress(address: string): boolean {
  return forbidden.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
