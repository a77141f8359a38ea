import t from 'tap';
import { adoptChanges, diffConfig } from '../../src/config/diff-config.ts';
import { KEYS } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';

const SERVER = { RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://osce.example.com/officescan' };
const TLS = { RELAY_AGENTS__TLS__CERT: '/a.pem', RELAY_AGENTS__TLS__KEY: '/a.key' };
const configOf = async (env: Record<string, string> = {}): Promise<Config> =>
  (await loadConfig({ env: { ...SERVER, ...env }, cwd: import.meta.dirname })).config;

t.test('of two that are the same nothing has changed', async (t) => {
  t.strictSame(
    diffConfig(await configOf(), await configOf({ RELAY_MIRROR__EVERY: '900s' })),
    [],
    'written in another way',
  );
});

t.test(
  'each key that has changed is there with its values as they are written, and whether it can be taken over',
  async (t) => {
    const changes = diffConfig(
      await configOf({ RELAY_MIRROR__WAN__RATE: '8Mbit/s' }),
      await configOf({
        RELAY_AGENTS__PORT: '9090',
        RELAY_AGENTS__ALLOW: '10.9.0.0/16',
        RELAY_ADMIN__TOKEN_FILE: '/run/token',
        RELAY_STORAGE__MAX_SIZE: '2048MiB',
        RELAY_MIRROR__EVERY: '2h',
        RELAY_LOG__LEVEL: 'debug',
      }),
    );
    t.match(changes, [
      { key: 'agents.port', before: 8080, after: 9090, live: false },
      { key: 'agents.allow', after: ['10.9.0.0/16'], live: true },
      { key: 'admin.tokenFile', before: null, after: '/run/token', live: true },
      { key: 'storage.maxSize', before: '20GiB', after: '2GiB', live: false },
      { key: 'mirror.every', before: '15m', after: '2h', live: true },
      { key: 'mirror.wan.rate', before: '8Mbit/s', after: null, live: true },
      { key: 'log.level', before: 'info', after: 'debug', live: true },
    ]);
    t.equal(changes.length, 7);
  },
);

t.test('other certificates can be taken over, TLS where there was none cannot', async (t) => {
  const liveOf = (before: Config, after: Config) => diffConfig(before, after).map(({ key, live }) => [key, live]);
  const [plain, secure] = [await configOf(), await configOf(TLS)];
  const other = await configOf({ ...TLS, RELAY_AGENTS__TLS__CERT: '/b.pem' });
  t.strictSame(liveOf(secure, other), [['agents.tls.cert', true]]);
  const both = [
    ['agents.tls.cert', false],
    ['agents.tls.key', false],
  ];
  t.strictSame(liveOf(plain, secure), both);
  t.strictSame(liveOf(secure, plain), both);
});

t.test('what can be taken over is, all else stays as it is in force', async (t) => {
  const before = await configOf({ RELAY_MIRROR__WAN__RATE: '8Mbit/s' });
  const copy = structuredClone(before);
  const after = await configOf({
    RELAY_AGENTS__HOST: '127.0.0.1',
    RELAY_ADMIN__TOKEN_FILE: '/run/token',
    RELAY_MIRROR__EVERY: '2h',
    RELAY_STORAGE__PATH: '/srv/relay',
  });
  const adopted = adoptChanges(before, diffConfig(before, after));
  t.strictSame(adopted, await configOf({ RELAY_ADMIN__TOKEN_FILE: '/run/token', RELAY_MIRROR__EVERY: '2h' }));
  t.strictSame(before, copy, 'the one in force is untouched');
  t.strictSame(
    diffConfig(adopted, after).map(({ key }) => key),
    ['agents.host', 'storage.path'],
    'and is still different from the other one',
  );
});

t.test('where it listens, and where the store lies, is for the next start', async (t) => {
  const fixed = new Set(KEYS.filter(({ live }) => live === undefined).map(({ name }) => name));
  for (const key of ['agents.host', 'agents.port', 'admin.host', 'admin.port', 'storage.path', 'storage.maxSize']) {
    t.ok(fixed.has(key), key);
  }
});
