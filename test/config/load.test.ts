import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { isRelayError } from '../../src/errors/relay-error.ts';
import { loadConfig } from '../../src/config/load.ts';

const SERVER = { RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://env.example.com/officescan' };
const MINIMAL = 'sources:\n  officeScanServer: https://file.example.com/officescan\n';

t.test('with a source alone, every other key has its default, in the units the relay works with', async (t) => {
  const { config, file } = await loadConfig({ env: SERVER, cwd: t.testdir() });
  t.equal(file, null);
  t.strictSame(config, {
    agents: {
      host: '0.0.0.0',
      port: 8080,
      allow: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '::1', 'fc00::/7'],
      memory: 256 * 2 ** 20,
      allowPlain: false,
      trustedProxies: [],
      relays: [],
      tls: { clientCertificates: 'required' },
      limits: { connectionsPerAddress: 16, downloadsPerAddress: 4 },
    },
    admin: { host: '127.0.0.1', port: 8081, hosts: [] },
    storage: {
      path: '/var/lib/relay',
      maxSize: 20 * 2 ** 30,
      minFree: 2 ** 30,
      keepGenerations: 3,
      scrub: { rate: 4 * 2 ** 20, every: 7 * 86_400_000 },
    },
    sources: {
      officeScanServer: 'https://env.example.com/officescan',
      activeUpdate: 'https://osce14-p.activeupdate.trendmicro.com/activeupdate',
      customized: [],
      updateAgentsOnlyFromServer: false,
      fromServerWhenCustomizedFail: { components: true, domainSettings: true, programs: true },
      agentsDownloadFromActiveUpdate: false,
      activeUpdatePatternsOnly: false,
      reach: [],
    },
    mirror: {
      every: 15 * 60_000,
      prefetch: { incrementals: true, engines: true, fullPatternsUpTo: 8 * 2 ** 20, programs: false },
      items: { domainSettings: false, programs: true },
      domains: [],
      domainAgents: [],
      serverSection: 'comment',
      wan: { windows: [] },
    },
    log: { level: 'info' },
  });
});

t.test('every key can be set in the file', async (t) => {
  const cwd = t.testdir({
    'relay.yaml': `
agents:
  host: "::"
  port: 0
  allow: [10.9.0.0/16, ::1]
  memory: 16MiB
  allowPlain: true
  trustedProxies: [10.9.0.1]
  relays: [10.9.1.0/24]
  tls: { cert: /run/agents.pem, key: /run/agents.key, clientCa: /run/ca.pem, clientCertificates: optional }
  limits: { connections: 500, connectionsPerAddress: 100, downloadsPerAddress: 20 }
admin: { host: 10.0.0.1, port: 9000, tokenFile: /run/token, hosts: [relay.example.com, "fd00::5"] }
storage:
  { path: /srv/relay, maxSize: 500MB, minFree: 0B, keepGenerations: 1, scrub: { rate: 64KiB/s, every: 1h } }
sources:
  officeScanServer: HTTPS://OSCE.example.com:443/officescan/
  activeUpdate: http://OSCE12-p.activeupdate.trendmicro.com:80/activeupdate/
  customized:
    - { url: http://ua1.example.com:21112/activeupdate/, range: 10.1.0.0-10.1.255.255 }
    - { url: http://ua2.example.com/activeupdate, range: 2001:db8::/48 }
    - { url: https://mirror.example.com:443 }
  updateAgentsOnlyFromServer: true
  fromServerWhenCustomizedFail: { components: false, domainSettings: false, programs: false }
  agentsDownloadFromActiveUpdate: true
  activeUpdatePatternsOnly: true
  reach:
    - prefix: HTTPS://osce.example.com:443/
      proxy: HTTP://Proxy.example.com:3128/
      proxyCredentialsFile: /run/proxy.password
      credentialsFile: /run/source.password
      ca: /etc/relay/ca.pem
      clientCert: /etc/relay/branch.pem
      clientKey: /etc/relay/branch.key
      pin: sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
mirror:
  every: 1h
  prefetch: { incrementals: false, engines: false, fullPatternsUpTo: 0B, programs: true, unaskedFor: 30d }
  items: { domainSettings: true, programs: false }
  domains: [Branch, Büro 7]
  domainAgents: [{ domain: branch, ranges: [10.1.0.0/16, ::1], certificates: [PC 7, pc-8] }, { domain: Büro 7, ranges: [] }]
  serverSection: keep
  wan: { rate: 20Mbit/s, windows: [{ days: mon-fri, from: 08:00, to: "18:00", rate: 4Mbit/s }] }
log: { level: debug }
`,
  });
  const { config, file } = await loadConfig({ env: {}, cwd });
  t.equal(file, join(cwd, 'relay.yaml'));
  t.strictSame(config, {
    agents: {
      host: '::',
      port: 0,
      allow: ['10.9.0.0/16', '::1'],
      memory: 16 * 2 ** 20,
      allowPlain: true,
      trustedProxies: ['10.9.0.1'],
      relays: ['10.9.1.0/24'],
      tls: { cert: '/run/agents.pem', key: '/run/agents.key', clientCa: '/run/ca.pem', clientCertificates: 'optional' },
      limits: { connections: 500, connectionsPerAddress: 100, downloadsPerAddress: 20 },
    },
    admin: { host: '10.0.0.1', port: 9000, tokenFile: '/run/token', hosts: ['relay.example.com', 'fd00::5'] },
    storage: {
      path: '/srv/relay',
      maxSize: 500_000_000,
      minFree: 0,
      keepGenerations: 1,
      scrub: { rate: 65_536, every: 3_600_000 },
    },
    sources: {
      officeScanServer: 'https://osce.example.com/officescan',
      activeUpdate: 'http://osce12-p.activeupdate.trendmicro.com/activeupdate',
      customized: [
        { url: 'http://ua1.example.com:21112/activeupdate', range: '10.1.0.0-10.1.255.255' },
        { url: 'http://ua2.example.com/activeupdate', range: '2001:db8::/48' },
        { url: 'https://mirror.example.com' },
      ],
      updateAgentsOnlyFromServer: true,
      fromServerWhenCustomizedFail: { components: false, domainSettings: false, programs: false },
      agentsDownloadFromActiveUpdate: true,
      activeUpdatePatternsOnly: true,
      reach: [
        {
          prefix: 'https://osce.example.com',
          proxy: 'http://proxy.example.com:3128',
          proxyCredentialsFile: '/run/proxy.password',
          credentialsFile: '/run/source.password',
          ca: '/etc/relay/ca.pem',
          clientCert: '/etc/relay/branch.pem',
          clientKey: '/etc/relay/branch.key',
          pin: 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
        },
      ],
    },
    mirror: {
      every: 3_600_000,
      prefetch: {
        incrementals: false,
        engines: false,
        fullPatternsUpTo: 0,
        programs: true,
        unaskedFor: 30 * 86_400_000,
      },
      items: { domainSettings: true, programs: false },
      domains: ['Branch', 'Büro 7'],
      domainAgents: [
        { domain: 'branch', ranges: ['10.1.0.0/16', '::1'], certificates: ['PC 7', 'pc-8'] },
        { domain: 'Büro 7', ranges: [] },
      ],
      serverSection: 'keep',
      wan: { rate: 2_500_000, windows: [{ days: 'mon-fri', from: '08:00', to: '18:00', rate: 500_000 }] },
    },
    log: { level: 'debug' },
  });
});

t.test('a variable wins over the file, and the file over the default', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': `${MINIMAL}agents: { port: 1000, host: 127.0.0.1 }\n` });
  const { config } = await loadConfig({ env: { ...SERVER, RELAY_AGENTS__PORT: '2000' }, cwd });
  t.equal(config.sources.officeScanServer, 'https://env.example.com/officescan');
  t.match(config.agents, { port: 2000, host: '127.0.0.1' });
});

t.test('an empty list of allowed addresses stays empty', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': `${MINIMAL}agents: { allow: [] }\n` });
  t.strictSame((await loadConfig({ env: {}, cwd })).config.agents.allow, []);
});

t.test('a section and an optional key with nothing behind the colon are not set', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': `${MINIMAL}log:\nadmin:\n  tokenFile:\n` });
  const { config } = await loadConfig({ env: {}, cwd });
  t.equal(config.log.level, 'info');
  t.notOk('tokenFile' in config.admin);
});

t.test('the file is --config, else RELAY_CONFIG, else ./relay.yaml', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': MINIMAL, 'a.yaml': MINIMAL, 'b.yaml': MINIMAL });
  const fileOf = async (options: { file?: string; env: NodeJS.ProcessEnv }) =>
    (await loadConfig({ ...options, cwd })).file;
  t.equal(await fileOf({ env: {} }), join(cwd, 'relay.yaml'));
  t.equal(await fileOf({ env: { RELAY_CONFIG: '' } }), join(cwd, 'relay.yaml'));
  t.equal(await fileOf({ env: { RELAY_CONFIG: 'a.yaml' } }), join(cwd, 'a.yaml'));
  t.equal(await fileOf({ file: join(cwd, 'b.yaml'), env: { RELAY_CONFIG: 'a.yaml' } }), join(cwd, 'b.yaml'));
});

t.test('a file that is named must be there, whatever the environment says', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': MINIMAL });
  const missing = {
    code: 'RLY_CONFIG_UNREADABLE',
    fields: { file: join(cwd, 'no.yaml'), reason: 'there is no such file' },
  };
  await t.rejects(loadConfig({ file: 'no.yaml', env: SERVER, cwd }), missing);
  await t.rejects(loadConfig({ env: { ...SERVER, RELAY_CONFIG: 'no.yaml' }, cwd }), missing);
});

t.test('a file that is there but cannot be read is not passed over', async (t) => {
  const cwd = t.testdir();
  await mkdir(join(cwd, 'relay.yaml'));
  await t.rejects(loadConfig({ env: SERVER, cwd }), { code: 'RLY_CONFIG_UNREADABLE', fields: { reason: /EISDIR/ } });
});

t.test(
  'nor is one this user may not read',
  { skip: process.getuid?.() === 0 && 'root may read everything' },
  async (t) => {
    const cwd = t.testdir({ 'relay.yaml': MINIMAL });
    await chmod(join(cwd, 'relay.yaml'), 0);
    await t.rejects(loadConfig({ env: SERVER, cwd }), { code: 'RLY_CONFIG_UNREADABLE', fields: { reason: /EACCES/ } });
  },
);

t.test('nor is one that everybody may write: it says where updates come from', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': MINIMAL });
  const file = join(cwd, 'relay.yaml');
  for (const mode of [0o644, 0o664, 0o600, 0o440]) {
    await chmod(file, mode);
    t.equal((await loadConfig({ env: {}, cwd })).file, file, mode.toString(8));
  }
  for (const named of [undefined, 'relay.yaml']) {
    await chmod(file, 0o666);
    await t.rejects(loadConfig({ file: named, env: {}, cwd }), {
      code: 'RLY_CONFIG_UNREADABLE',
      fields: { file, reason: `everybody on this host may write it (mode 0666); chmod 0664 ${file}` },
    });
  }
});

t.test('a file in another encoding than UTF-8 is refused as that', async (t) => {
  const cwd = t.testdir();
  await writeFile(join(cwd, 'relay.yaml'), Buffer.from(`\ufeff${MINIMAL}`, 'utf16le'));
  await t.rejects(loadConfig({ env: {}, cwd }), { code: 'RLY_CONFIG_UNREADABLE', fields: { reason: /utf-8/ } });
});

t.test('a byte order mark and CRLF, as Windows editors write them, are fine', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': `\ufeff${MINIMAL.replaceAll('\n', '\r\n')}` });
  t.equal((await loadConfig({ env: {}, cwd })).config.sources.officeScanServer, 'https://file.example.com/officescan');
});

t.test('with neither file nor source there is no configuration, and the error says what to write', async (t) => {
  const cwd = t.testdir();
  const error: unknown = await loadConfig({ env: { RELAY_LOG__LEVEL: 'debug' }, cwd }).catch(
    (reason: unknown) => reason,
  );
  t.ok(isRelayError(error, 'RLY_CONFIG_MISSING'));
  t.match(error, { fault: 'config', fields: { places: `${join(cwd, 'relay.yaml')}, /etc/relay/relay.yaml` } });
  t.match(error, { advice: /officeScanServer: .*RELAY_SOURCES__OFFICE_SCAN_SERVER/ });
});

t.test('a misspelt source in the environment is named, not taken for no configuration', async (t) => {
  const env = { RELAY_SOURCES__OFFICESCAN_SERVER: 'https://osce/officescan' };
  await t.rejects(loadConfig({ env, cwd: t.testdir() }), {
    code: 'RLY_CONFIG_INVALID',
    problems: [
      { where: 'RELAY_SOURCES__OFFICESCAN_SERVER', expected: /did you mean RELAY_SOURCES__OFFICE_SCAN_SERVER\?/ },
      {},
    ],
  });
});
