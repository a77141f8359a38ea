import { isIP } from 'node:net';
import t from 'tap';
import { addressMatcher } from '../../src/config/addresses.ts';
import { ownAddresses } from '../../src/config/own-addresses.ts';

t.test('a host has addresses, loopback among them', async (t) => {
  const addresses = ownAddresses();
  t.ok(addresses.every((address) => isIP(address) !== 0));
  t.ok(addresses.some(addressMatcher(['127.0.0.0/8', '::1'])));
});
