import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { addressMatcher, isAddressRange, isEntryRange, isLoopback } from '../../src/config/addresses.ts';

t.test('an address or a range of addresses is one, anything else is not', async (t) => {
  for (const text of ['10.0.0.1', '10.0.0.0/8', '0.0.0.0/0', '::1', 'fc00::/7', '2001:db8::/128', '::ffff:10.0.0.1']) {
    t.ok(isAddressRange(text), text);
  }
  const wrong = [
    '',
    '/',
    '10.0.0/8',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/ 8',
    '::/129',
  ];
  for (const text of [...wrong, 'fe80::1%eth0', 'localhost', '10.0.0.1-10.0.0.9', '[::1]', '010.0.0.1']) {
    t.notOk(isAddressRange(text), text);
  }
});

t.test('an entry of the customized list may also be for all addresses from one to another', async (t) => {
  const right = ['10.1.0.0-10.1.255.255', '10.1.0.1-10.1.0.1', '9.255.255.255-10.0.0.0', '2001:db8::1-2001:db8::ff'];
  for (const text of [...right, '10.1.0.0/16', '10.1.2.3', '2001:db8::/48']) t.ok(isEntryRange(text), text);
  const wrong = [
    '10.1.0.255-10.1.0.1',
    '10.1.0.0-2001:db8::1',
    '10.1.0.0-',
    '-10.1.0.0',
    '10.1.0.0-10.1.0.9-10.1.0.20',
    '10.1.0.0/24-10.1.1.0/24',
    '10.1.0.0 - 10.1.0.9',
    'fe80::1%eth0-fe80::2%eth0',
  ];
  for (const text of [...wrong, '', '-', 'all']) t.notOk(isEntryRange(text), text);
});

t.test('from one address to another, both count, and the families do not mix', async (t) => {
  const matches = addressMatcher(['10.1.0.5-10.1.1.4', '2001:db8::5-2001:db8:0:1::']);
  for (const inside of ['10.1.0.5', '10.1.0.255', '10.1.1.4', '::ffff:10.1.1.0', '2001:db8::5', '2001:db8:0:1::']) {
    t.ok(matches(inside), inside);
  }
  for (const outside of ['10.1.0.4', '10.1.1.5', '::ffff:10.1.0.4', '2001:db8::4', '2001:db8:0:1::1', '::']) {
    t.notOk(matches(outside), outside);
  }
});

t.test('a client matches the ranges that hold its address', async (t) => {
  const matches = addressMatcher(['10.1.0.0/16', '192.0.2.7', 'fc00::/7']);
  t.ok(matches('10.1.255.255'));
  t.notOk(matches('10.2.0.0'));
  t.ok(matches('192.0.2.7'));
  t.notOk(matches('192.0.2.8'));
  t.ok(matches('fd12::1'));
  t.notOk(matches('2001:db8::1'));
});

t.test('an IPv4 client of a dual-stack listener is judged as the IPv4 client it is', async (t) => {
  const matches = addressMatcher(['10.0.0.0/8']);
  t.ok(matches('::ffff:10.9.8.7'));
  t.notOk(matches('::ffff:11.9.8.7'));
});

t.test('the interface of a link-local client is no part of its address', async (t) => {
  t.ok(addressMatcher(['fe80::/10'])('fe80::1%eth0'));
});

t.test('no ranges, or no address, match nothing', async (t) => {
  t.notOk(addressMatcher([])('127.0.0.1'));
  t.notOk(addressMatcher(['0.0.0.0/0', '::/0'])('agent.example.com'));
  t.notOk(addressMatcher(['0.0.0.0/0', '::/0'])(''));
});

t.test('every address is in its own range of any length, and in /0', async () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
      return isAddressRange(`${address}/${prefix}`) && addressMatcher([`${address}/${prefix}`])(address);
    }),
  );
});

t.test('loopback is what only this machine can reach', async (t) => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) t.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost.example.com', '']) t.notOk(isLoopback(host), host);
});
