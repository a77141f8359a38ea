import { chmodSync } from 'node:fs';
import t, { type Test } from 'tap';
import { certificateExpiries, changedFiles, type ConfigFiles } from '../../src/config/config-files.ts';
import { readAgentsTls } from '../../src/config/read-agents-tls.ts';
import { expiredServer, privateCa, privateClient, privateServer } from '../support/private-ca.ts';
import { selfSigned } from '../support/self-signed.ts';

const clientCertificates = 'required';

function files(t: Test) {
  const folder = t.testdir({
    cert: `${privateServer.cert}${privateCa}`,
    key: privateServer.key,
    other: selfSigned.key,
    ca: privateCa,
    rubbish: 'hunter2',
    torn: privateServer.cert.replace('MII', 'MIJ'),
  });
  for (const name of ['key', 'other', 'rubbish']) chmodSync(`${folder}/${name}`, 0o640);
  return (name: string) => `${folder}/${name}`;
}

t.test('without a certificate there is no TLS', async (t) => {
  t.equal(await readAgentsTls({ clientCertificates }), null);
});

t.test('the files as they are', async (t) => {
  const at = files(t);
  t.strictSame(await readAgentsTls({ clientCertificates, cert: at('cert'), key: at('key') }), {
    cert: `${privateServer.cert}${privateCa}`,
    key: privateServer.key,
    clientCa: null,
  });
  t.match(await readAgentsTls({ clientCertificates, cert: at('cert'), key: at('key'), clientCa: at('ca') }), {
    clientCa: privateCa,
  });
});

t.test('a file of no use is named with its key, and its content is not', async (t) => {
  const at = files(t);
  const good = { clientCertificates, cert: at('cert'), key: at('key') } as const;
  chmodSync(at('rubbish'), 0o600);
  for (const [change, key, reason] of [
    [{ cert: at('rubbish') }, 'cert', /^there is no certificate in it$/],
    [{ cert: at('torn') }, 'cert', /./],
    [{ cert: at('absent') }, 'cert', /ENOENT/],
    [{ key: at('rubbish') }, 'key', /./],
    [{ key: at('other') }, 'key', /mismatch/],
    [{ clientCa: at('rubbish') }, 'clientCa', /^there is no certificate in it$/],
  ] as const) {
    const error: unknown = await readAgentsTls({ ...good, ...change }).catch((reasonOf: unknown) => reasonOf);
    t.match(error, { code: 'RLY_CONFIG_TLS_FILE', fault: 'config', fields: { key: `agents.tls.${key}`, reason } }, key);
    t.notMatch((error as Error).message, 'hunter2');
  }
  chmodSync(at('key'), 0o644);
  await t.rejects(readAgentsTls(good), {
    code: 'RLY_CONFIG_TLS_FILE',
    fields: { key: 'agents.tls.key', reason: /^everybody on this host may read it/ },
  });
  chmodSync(at('cert'), 0o666);
  await t.rejects(readAgentsTls(good), {
    code: 'RLY_CONFIG_TLS_FILE',
    fields: { key: 'agents.tls.cert', reason: /^everybody on this host may write it/ },
  });
});

t.test('of the certificates in use, the first of a file to expire counts', async (t) => {
  const reach = { key: 'sources.reach[1]', prefix: 'https://a', proxy: null, authorization: null, pin: null };
  const inUse: ConfigFiles = {
    token: null,
    agentsTls: { cert: `${privateServer.cert}${expiredServer.cert}`, key: privateServer.key, clientCa: privateCa },
    reach: [{ ...reach, ca: privateCa, client: privateClient }],
  };
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  t.strictSame(
    certificateExpiries(inUse).map(({ key, expiresAt }) => [key, day(expiresAt)]),
    [
      ['agents.tls.cert', '2026-11-21'],
      ['agents.tls.clientCa', '2126-10-29'],
      ['sources.reach[1].ca', '2126-10-29'],
      ['sources.reach[1].clientCert', '2126-10-29'],
    ],
  );
  t.strictSame(
    certificateExpiries({ token: null, agentsTls: null, reach: [{ ...reach, ca: null, client: null }] }),
    [],
  );
});

t.test('files that hold something else are told by their key', async (t) => {
  const none: ConfigFiles = { token: 'a', agentsTls: null, reach: [] };
  t.strictSame(changedFiles(none, structuredClone(none)), []);
  t.strictSame(changedFiles(none, { ...none, token: 'b' }), ['admin.tokenFile']);
  const agentsTls = { cert: 'a', key: 'b', clientCa: null };
  t.strictSame(changedFiles({ ...none, agentsTls }, { ...none, agentsTls: { ...agentsTls, key: 'c' } }), [
    'agents.tls',
  ]);
});
