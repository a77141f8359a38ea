import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { runCommand } from '../support/run-command.ts';

const VALID = `
sources: { officeScanServer: https://osce.example.com:4343/officescan }
storage: { maxSize: 5GiB }
`;

t.test('a valid file is printed with every default, in a form that loads again', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': VALID });
  const { code, stdout, stderr } = await runCommand(['check-config'], { cwd });
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, `# ${cwd}/relay.yaml\n`);
  t.match(stdout, '  maxSize: 5GiB\n  minFree: 1GiB\n');
  const again = t.testdir({ 'again.yaml': stdout, 'relay.yaml': VALID });
  t.strictSame(
    (await loadConfig({ file: 'again.yaml', env: {}, cwd: again })).config,
    (await loadConfig({ env: {}, cwd: again })).config,
  );
});

t.test('--json says the same for programs, and where it comes from', async (t) => {
  const env = { RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://osce.example.com:4343/officescan' };
  const { code, stdout } = await runCommand(['check-config', '--json'], { cwd: t.testdir(), env });
  t.equal(code, 0);
  t.match(JSON.parse(stdout), {
    file: null,
    config: {
      sources: { officeScanServer: 'https://osce.example.com:4343/officescan' },
      storage: { maxSize: '20GiB' },
      mirror: { every: '15m' },
    },
  });
  const plain = await runCommand(['check-config'], { cwd: t.testdir(), env });
  t.match(plain.stdout, /^# no file: environment and defaults\n/);
});

t.test('everything that is wrong is said at once, each with its line and what would be right', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': 'sources: {}\nagents: { port: 99999 }\nstorage: { maxSize: 20 }\nlogg: 1\n' });
  const env = { RELAY_MIRROR__EVERY: 'often' };
  for (const args of [['check-config'], ['check-config', '--json']]) {
    const { code, stdout, stderr } = await runCommand(args, { cwd, env });
    t.equal(code, 78);
    t.equal(stdout, '');
    const lines = stderr.split('\n');
    t.equal(lines[0], 'relay: RLY_CONFIG_INVALID: the configuration cannot be used:');
    for (const [where, expected] of [
      ['relay.yaml:2: agents.port: found 99999', 'a port'],
      ['relay.yaml:3: storage.maxSize: found 20', 'as in 20GiB'],
      ['relay.yaml:4: logg: found an unknown key', 'did you mean log?'],
      ['relay.yaml: sources.officeScanServer: found nothing', 'as in https://osce.example.com:4343/officescan'],
      ["RELAY_MIRROR__EVERY: mirror.every: found 'often'", 'as in 15m'],
    ] as const) {
      const line = lines.find((candidate) => candidate.includes(where));
      t.match(line, expected, where);
    }
    t.match(stderr, /\nCorrect what is listed and run `relay check-config`.*\n$/);
  }
});

t.test('a file that is named and cannot be read is a fault of the configuration', async (t) => {
  const cwd = t.testdir({ folder: {} });
  for (const [file, reason] of [
    ['absent.yaml', 'there is no such file'],
    ['folder', 'EISDIR'],
  ] as const) {
    const { code, stderr } = await runCommand(['check-config', '--config', file], { cwd });
    t.equal(code, 78);
    t.match(
      stderr,
      `relay: RLY_CONFIG_UNREADABLE: the configuration file ${join(cwd, file)} cannot be used: ${reason}`,
    );
  }
});

t.test('a file that a way to a source needs is opened too', async (t) => {
  const env = {
    RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://osce.example.com:4343/officescan',
    RELAY_SOURCES__REACH: '[{"prefix":"https://osce.example.com:4343","ca":"/nowhere/ca.pem"}]',
  };
  const { code, stdout, stderr } = await runCommand(['check-config'], { cwd: t.testdir(), env });
  t.equal(code, 78);
  t.equal(stdout, '');
  t.match(stderr, /^relay: RLY_CONFIG_REACH_FILE: sources\.reach\[0\]\.ca: \/nowhere\/ca\.pem cannot be used: ENOENT/);
});
