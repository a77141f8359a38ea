import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readReach } from '../../src/config/read-reach.ts';
import { privateCa, privateClient, privateServer } from '../support/private-ca.ts';

const prefix = 'https://osce.example.com';

/** A folder with these files, for nobody else's eyes; answers the path of one. */
const files = (t: Test, content: Record<string, string>) => {
  const folder = t.testdir(content);
  for (const name of Object.keys(content)) chmodSync(join(folder, name), 0o600);
  return (name: string): string => join(folder, name);
};

t.test('files become what requests and connections need', async (t) => {
  const at = files(t, { ca: privateCa, cert: privateClient.cert, key: privateClient.key, a: 'u:p:q\n', b: 'x:\r\ny' });
  const [reach] = await readReach([
    {
      prefix,
      proxy: 'http://proxy.example.com:3128',
      proxyCredentialsFile: at('b'),
      credentialsFile: at('a'),
      ca: at('ca'),
      clientCert: at('cert'),
      clientKey: at('key'),
      pin: 'sha256/x',
    },
  ]);
  t.strictSame(reach, {
    key: 'sources.reach[0]',
    prefix,
    proxy: { url: 'http://proxy.example.com:3128', authorization: `Basic ${btoa('x:')}` },
    authorization: `Basic ${btoa('u:p:q')}`,
    ca: privateCa,
    client: privateClient,
    pin: 'sha256/x',
  });
});

t.test('a prefix alone asks for nothing', async (t) => {
  const nothing = { proxy: null, authorization: null, ca: null, client: null, pin: null };
  t.strictSame(await readReach([{ prefix }]), [{ key: 'sources.reach[0]', prefix, ...nothing }]);
});

t.test('a file of no use is named with its key, and its content is not', async (t) => {
  const at = files(t, { cert: privateClient.cert, other: privateServer.key, secret: 'hunter2' });
  const refused = async (entry: object, key: string, reason: RegExp) => {
    const error: unknown = await readReach([{ prefix }, { prefix: `${prefix}/x`, ...entry }]).catch((e: unknown) => e);
    t.match(error, {
      code: 'RLY_CONFIG_REACH_FILE',
      fault: 'config',
      fields: { key: `sources.reach[1].${key}`, reason },
    });
    t.notMatch((error as Error).message, 'hunter2');
  };
  await refused({ credentialsFile: at('nowhere') }, 'credentialsFile', /ENOENT/);
  await refused({ credentialsFile: at('secret') }, 'credentialsFile', /not user:password/);
  await refused({ proxy: 'http://p', proxyCredentialsFile: at('secret') }, 'proxyCredentialsFile', /not user:password/);
  await refused({ ca: at('secret') }, 'ca', /PEM/);
  await refused({ clientCert: at('secret'), clientKey: at('other') }, 'clientCert', /PEM/);
  await refused({ clientCert: at('cert'), clientKey: at('other') }, 'clientKey', /mismatch/);
});

t.test('credentials and keys that everybody may read are refused; certificates may be seen', async (t) => {
  const at = files(t, { cert: privateClient.cert, key: privateClient.key, secret: 'u:p', ca: privateCa });
  for (const name of ['cert', 'key', 'secret', 'ca']) chmodSync(at(name), 0o644);
  const reason = /^everybody on this host may read it \(mode 0644\); chmod 0640 /;
  const refusal = (label: string) => ({
    code: 'RLY_CONFIG_REACH_FILE',
    fields: { key: `sources.reach[0].${label}`, reason },
  });
  await t.rejects(readReach([{ prefix, credentialsFile: at('secret') }]), refusal('credentialsFile'));
  await t.rejects(readReach([{ prefix, clientCert: at('cert'), clientKey: at('key') }]), refusal('clientKey'));
  await t.rejects(
    readReach([{ prefix, proxy: 'http://p', proxyCredentialsFile: at('secret') }]),
    refusal('proxyCredentialsFile'),
  );
  chmodSync(at('key'), 0o640);
  t.match(await readReach([{ prefix, ca: at('ca'), clientCert: at('cert'), clientKey: at('key') }]), [
    { ca: privateCa, client: privateClient },
  ]);
});
