import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import t from 'tap';
import { effectiveConfig, effectiveSettings } from '../../src/config/effective.ts';
import { loadConfig } from '../../src/config/load.ts';

const env = {
  RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://osce.example.com/officescan/',
  RELAY_SOURCES__CUSTOMIZED: JSON.stringify([
    { url: 'http://ua1.example.com:21112/activeupdate', range: '10.1.0.0-10.1.255.255' },
    { url: 'HTTP://UA2.example.com:21112/activeupdate/' },
  ]),
  RELAY_STORAGE__MAX_SIZE: '2048MiB',
  RELAY_MIRROR__EVERY: '120s',
  RELAY_MIRROR__WAN__RATE: '20000kbit/s',
  RELAY_MIRROR__WAN__WINDOWS: '[{ "from": "20:00", "to": "05:00", "rate": "1024KiB/s" }]',
  RELAY_AGENTS__ALLOW: '[]',
  RELAY_ADMIN__TOKEN_FILE: '/run/token',
};

t.test('the effective configuration has every key in the units of the file', async (t) => {
  const { config } = await loadConfig({ env, cwd: t.testdir() });
  t.strictSame(effectiveSettings(config), {
    agents: {
      host: '0.0.0.0',
      port: 8080,
      allow: [],
      memory: '256MiB',
      allowPlain: false,
      trustedProxies: [],
      relays: [],
      tls: { clientCertificates: 'required' },
      limits: { connectionsPerAddress: 16, downloadsPerAddress: 4 },
    },
    admin: { host: '127.0.0.1', port: 8081, tokenFile: '/run/token', hosts: [] },
    storage: {
      path: '/var/lib/relay',
      maxSize: '2GiB',
      minFree: '1GiB',
      keepGenerations: 3,
      scrub: { rate: '4MiB/s', every: '7d' },
    },
    sources: {
      officeScanServer: 'https://osce.example.com/officescan',
      activeUpdate: 'https://osce14-p.activeupdate.trendmicro.com/activeupdate',
      customized: [
        { url: 'http://ua1.example.com:21112/activeupdate', range: '10.1.0.0-10.1.255.255' },
        { url: 'http://ua2.example.com:21112/activeupdate' },
      ],
      updateAgentsOnlyFromServer: false,
      fromServerWhenCustomizedFail: { components: true, domainSettings: true, programs: true },
      agentsDownloadFromActiveUpdate: false,
      activeUpdatePatternsOnly: false,
      reach: [],
    },
    mirror: {
      every: '2m',
      prefetch: { incrementals: true, engines: true, fullPatternsUpTo: '8MiB', programs: false },
      items: { domainSettings: false, programs: true },
      domains: [],
      domainAgents: [],
      serverSection: 'comment',
      wan: { rate: '20Mbit/s', windows: [{ from: '20:00', to: '05:00', rate: '1MiB/s' }] },
    },
    log: { level: 'info' },
  });
});

t.test('as text it loads as the configuration it came from, which it leaves untouched', async (t) => {
  const cwd = t.testdir();
  const { config } = await loadConfig({ env, cwd });
  const before = structuredClone(config);
  await writeFile(join(cwd, 'relay.yaml'), effectiveConfig(config));
  t.strictSame(config, before);
  t.strictSame((await loadConfig({ env: {}, cwd })).config, config);
});
