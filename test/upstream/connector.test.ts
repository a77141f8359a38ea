import type { LookupAddress } from 'node:dns';
import t from 'tap';
import { guardedLookup } from '../../src/upstream/connector.ts';
import { isForbiddenAddress } from '../../src/upstream/forbidden-address.ts';
import { respond, scriptedOrigin } from '../support/scripted-origin.ts';
import { scriptedResolver } from '../support/scripted-resolver.ts';
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
    '64:ff9b::169.254.169.254',
    '64:ff9b::a9fe:1',
    '64:ff9b:0:0:0:0:a9fe:a9fe',
    '64:ff9b::100.100.100.200',
    '64:ff9b::168.63.129.16',
  ]) {
    t.ok(isForbiddenAddress(address), address);
  }
  t.ok(isForbiddenAddress('100.100.100.200'));
  t.ok(isForbiddenAddress('168.63.129.16'));
  t.ok(isForbiddenAddress('fd00:ec2::254'));
  t.ok(isForbiddenAddress('fd20:ce::254'));
  for (const address of [
    '127.0.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '::1',
    'fd00::1',
    'fd20:ce::1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a9ff:1',
    'osce.example.com',
  ]) {
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
    '[64:ff9b::169.254.169.254]',
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

const METADATA = '169.254.169.254';
const refusedFor = (name: string) => ({ code: 'RLY_UPSTREAM_ADDRESS', message: new RegExp(`${name} is ${METADATA}`) });

t.test('a source whose name resolves to such an address is refused, and no connection is tried', async (t) => {
  const nothing = { authorization: null, ca: null, client: null, pin: null };
  const reach = [
    {
      key: 'sources.reach[0]',
      prefix: 'http://osce.invalid/proxied',
      proxy: { url: 'http://proxy.invalid:3128', authorization: null },
      ...nothing,
    },
  ];
  for (const addresses of [[METADATA], ['127.0.0.1', METADATA], [METADATA, '127.0.0.1']]) {
    const { names, tried } = scriptedResolver(t, [addresses]);
    const upstream = testUpstream(t, { connect: 500 }, { reach, noProxy: '' });
    for (const [url, name] of [
      ['http://osce.invalid/activeupdate', 'osce.invalid'],
      ['https://osce.invalid/activeupdate', 'osce.invalid'],
      ['http://osce.invalid/proxied', 'proxy.invalid'],
    ] as const) {
      await t.rejects(
        upstream.fetchIndex({ url, type: 'customized' }, null),
        refusedFor(name),
        `${url}, ${addresses.join()}`,
      );
    }
    t.strictSame(new Set(names), new Set(['osce.invalid', 'proxy.invalid']));
    t.strictSame(tried, []);
  }
});

t.test('one whose name resolves to it at the second look only (DNS rebinding) is refused then', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, { Connection: 'close' }, 'index')]);
  const { port } = new URL(origin.source.url);
  const { names, tried } = scriptedResolver(t, [['127.0.0.1'], [METADATA]]);
  const upstream = testUpstream(t, { connect: 500 });
  const source = { url: `http://osce.invalid:${port}/activeupdate`, type: 'customized' } as const;
  t.match(await upstream.fetchIndex(source, null), { state: 'fetched' });
  await t.rejects(upstream.fetchIndex(source, null), refusedFor('osce.invalid'));
  t.strictSame(names, ['osce.invalid', 'osce.invalid']);
  t.strictSame(tried, ['127.0.0.1']);
  t.equal(origin.connections, 1);
});
