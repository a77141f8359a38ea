import t from 'tap';
import { readEnvironment } from '../../src/config/environment.ts';
import { KEYS } from '../../src/config/keys.ts';

const valueOf = (variable: string, text: string) => {
  const { byName, problems } = readEnvironment({ [variable]: text });
  return problems.length > 0 ? problems : [...byName.values()].map(({ raw }) => raw);
};

t.test('each key has its variable', async (t) => {
  const names = Object.fromEntries(KEYS.map(({ name, variable }) => [name, variable]));
  t.match(names, {
    'agents.port': 'RELAY_AGENTS__PORT',
    'sources.officeScanServer': 'RELAY_SOURCES__OFFICE_SCAN_SERVER',
    'mirror.items.programs': 'RELAY_MIRROR__ITEMS__PROGRAMS',
    'storage.keepGenerations': 'RELAY_STORAGE__KEEP_GENERATIONS',
  });
  t.equal(new Set(Object.values(names)).size, KEYS.length);
});

t.test('a text becomes the type its key has', async (t) => {
  t.strictSame(valueOf('RELAY_AGENTS__PORT', '80'), [80]);
  t.strictSame(valueOf('RELAY_MIRROR__ITEMS__PROGRAMS', 'false'), [false]);
  t.strictSame(valueOf('RELAY_LOG__LEVEL', 'warn'), ['warn']);
  t.strictSame(valueOf('RELAY_STORAGE__PATH', '/1'), ['/1']);
});

t.test('a list is JSON or separated by commas', async (t) => {
  t.strictSame(valueOf('RELAY_AGENTS__ALLOW', '10.0.0.0/8, ::1'), [['10.0.0.0/8', '::1']]);
  t.strictSame(valueOf('RELAY_AGENTS__ALLOW', ' ["10.0.0.0/8", "::1"]'), [['10.0.0.0/8', '::1']]);
  t.strictSame(valueOf('RELAY_AGENTS__ALLOW', '10.0.0.1'), [['10.0.0.1']]);
  t.strictSame(valueOf('RELAY_AGENTS__ALLOW', '[]'), [[]]);
});

t.test('a list of entries is JSON', async (t) => {
  const entries = [{ url: 'http://ua1/activeupdate', range: '10.1.0.0/16' }, { url: 'http://ua2/activeupdate' }];
  t.strictSame(valueOf('RELAY_SOURCES__CUSTOMIZED', JSON.stringify(entries)), [entries]);
  t.strictSame(valueOf('RELAY_SOURCES__CUSTOMIZED', '[]'), [[]]);
  const where = 'RELAY_SOURCES__CUSTOMIZED';
  t.match(valueOf(where, 'http://ua1/activeupdate'), [{ where, key: 'sources.customized', expected: /^a list of at/ }]);
  t.match(valueOf(where, '["http://ua1/activeupdate"]'), [
    { where, key: 'sources.customized[0]', expected: /^an entry with the keys url and, / },
  ]);
  t.match(valueOf(where, '[{"url":"http://ua1/x"},{"url":"ua2"}]'), [{ where, key: 'sources.customized[1].url' }]);
});

t.test('a text that is not of the type is refused, the variable is named', async (t) => {
  const where = 'RELAY_AGENTS__PORT';
  for (const text of ['', '80a', '080', '80.5', 'null']) {
    t.match(
      valueOf(where, text),
      [{ where, key: 'agents.port', expected: 'a port from 1 to 65535, or 0 for any free one' }],
      text,
    );
  }
  t.match(valueOf('RELAY_MIRROR__ITEMS__PROGRAMS', 'yes'), [{ found: "'yes'", expected: 'true or false' }]);
  t.match(valueOf('RELAY_AGENTS__ALLOW', '[10.0.0.0/8]'), [{ found: "'[10.0.0.0/8]'", expected: /^a list of/ }]);
  t.match(valueOf('RELAY_AGENTS__ALLOW', '10.0.0.1,,x'), [{ key: 'agents.allow[1]' }, { key: 'agents.allow[2]' }]);
  t.match(valueOf('RELAY_AGENTS__ALLOW', ''), [{ key: 'agents.allow[0]', found: "''" }]);
});

t.test('a variable of the relay that is no key is refused, with the nearest name', async (t) => {
  t.match(valueOf('RELAY_AGENTS_PORT', '1'), [
    { where: 'RELAY_AGENTS_PORT', key: null, expected: /mean RELAY_AGENTS__PORT\?/ },
  ]);
  t.match(valueOf('RELAY_CONFIGS', '1'), [{ expected: /did you mean RELAY_CONFIG\?/ }]);
});

t.test('what is not for the configuration is left alone', async (t) => {
  const { byName, problems } = readEnvironment({
    PATH: '/bin',
    RELAY_CONFIG: 'x',
    RELAY_ALLOW_ROOT: '1',
    RELAYED: 'y',
  });
  t.equal(byName.size, 0);
  t.strictSame(problems, []);
});
