import type { LookupAddress } from 'node:dns';
import t from 'tap';
import { guardedLookup } from '../../src/upstream/connector.ts';
import { isForbiddenAddress } from '../../src/upstream/forbidden-address.ts';
import { testUpstream } from '../support/test-upstream.ts';

t.test('link-local and metadata addresses are known in every spelling', async (t) => {
  for (const address of [
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
  ]) {
    t.ok(isForbiddenAddress(address), address);
  }
  t.ok(isForbiddenAddress('100.100.100.200'));
  t.ok(isForbiddenAddress('168.63.129.16'));
  t.ok(isForbiddenAddress('fd00:ec2::254'));
  for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '::1', 'fd00::1', 'osce.example.com']) {
    t.notOk(isForbiddenAddress(address), address);
  }
});

t.test('a source at such an address is refused before a packet leaves', async (t) => {
  const upstream = testUpstream(t);
  for (const host of [
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.169.254',
    '[fe80::1]',
    '[::ffff:a9fe:a9fe]',
  ]) {
    await t.rejects(
      upstream.fetchIndex({ url: `http://${host}/activeupdate`, type: 'customized' }, null),
      { code: 'RLY_UPSTREAM_ADDRESS' },
      host,
    );
  }
});

t.test('a name that resolves to such an address does not resolve', async (t) => {
  const answer = (found: string | LookupAddress[]) =>
    new Promise((resolve, reject) => {
      const lookup = guardedLookup((_name, _options, callback) => callback(null, found, 4));
      lookup('osce.example.com', {}, (error, address) => (error ? reject(error) : resolve(address)));
    });
  const good = { address: '10.0.0.1', family: 4 };
  const bad = { address: '169.254.169.254', family: 4 };
  t.equal(await answer('10.0.0.1'), '10.0.0.1');
  t.strictSame(await answer([good]), [good]);
  await t.rejects(answer('169.254.169.254'), { code: 'FORBIDDEN_ADDRESS' });
  await t.rejects(answer([good, bad]), { message: 'osce.example.com is 169.254.169.254' });
});
