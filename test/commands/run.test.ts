import t from 'tap';
import { COMMANDS } from '../../src/commands/run.ts';
import { VERSION } from '../../src/version.ts';
import { fakeIo } from '../support/fake-io.ts';
import { runCommand } from '../support/run-command.ts';

t.test('--help names every command, on standard output', async (t) => {
  for (const flag of ['--help', '-h']) {
    const { code, stdout, stderr } = await runCommand([flag]);
    t.equal(code, 0);
    t.equal(stderr, '');
    t.match(stdout, `relay ${VERSION}: `);
    for (const { name, summary } of COMMANDS)
      t.match(stdout, new RegExp(`^  ${name} +${RegExp.escape(summary)}$`, 'm'));
  }
});

t.test('without a command the same is a usage error, so it goes to standard error', async (t) => {
  const { code, stdout, stderr } = await runCommand([]);
  t.equal(code, 64);
  t.equal(stdout, '');
  t.match(stderr, 'Usage: relay COMMAND');
});

t.test('--version is one line', async (t) => {
  t.strictSame(await runCommand(['--version']), { code: 0, stdout: `${VERSION}\n`, stderr: '' });
});

for (const { name, options } of COMMANDS) {
  t.test(`${name} --help says how to call it, and names each of its options`, async (t) => {
    for (const flag of ['--help', '-h']) {
      const { code, stdout, stderr } = await runCommand([name, flag]);
      t.equal(code, 0);
      t.equal(stderr, '');
      t.match(stdout, new RegExp(`^Usage: relay ${name} `));
      t.match(stdout, /\n$/);
      for (const option of Object.keys(options)) t.match(stdout, new RegExp(`^  --${option} `, 'm'));
      t.ok(
        stdout.split('\n').every((line) => line.length <= 120),
        'it fits a window',
      );
    }
  });

  t.test(`${name} refuses an option it does not have`, async (t) => {
    const { code, stdout, stderr } = await runCommand([name, '--nothing']);
    t.equal(code, 64);
    t.equal(stdout, '');
    t.equal(
      stderr,
      `relay: RLY_USAGE: unknown option '--nothing'. Run \`relay ${name} --help\` to see what it takes.\n`,
    );
  });
}

t.test('a usage error says what is wrong and what was meant', async (t) => {
  const cases: [string[], string][] = [
    [['updat'], 'there is no command updat (did you mean update?). Run `relay --help` to see what it takes.'],
    [['frobnicate'], 'there is no command frobnicate. Run `relay --help` to see what it takes.'],
    [
      ['--config', 'relay.yaml', 'serve'],
      'the command comes first, and then its options: found --config. Run `relay --help` to see what it takes.',
    ],
    [
      ['update', '--dryrun'],
      "unknown option '--dryrun' (did you mean --dry-run?). Run `relay update --help` to see what it takes.",
    ],
    [['status', 'now'], "unexpected argument 'now'. Run `relay status --help` to see what it takes."],
    [
      ['status', '--config'],
      "option '--config <value>' argument missing. Run `relay status --help` to see what it takes.",
    ],
  ];
  for (const [args, message] of cases) {
    t.strictSame(await runCommand(args), { code: 64, stdout: '', stderr: `relay: RLY_USAGE: ${message}\n` });
  }
});

t.test('without a configuration a command says where it looked and what to write', async (t) => {
  const cwd = t.testdir();
  for (const name of ['serve', 'update', 'status', 'check-config']) {
    const { code, stdout, stderr } = await runCommand([name], { cwd, env: { RELAY_ALLOW_ROOT: '1' } });
    t.equal(code, 78);
    t.equal(stdout, '');
    t.match(stderr, `relay: RLY_CONFIG_MISSING: no configuration: looked in ${cwd}/relay.yaml`);
    t.match(stderr, 'officeScanServer: https://SERVER:4343/officescan');
    t.match(stderr, 'RELAY_SOURCES__OFFICE_SCAN_SERVER');
  }
});

t.test('a bug ends as one line that asks for a report', async (t) => {
  for (const bug of [new TypeError('x is no function'), 'a text']) {
    const io = fakeIo();
    io.stdout.write = () => {
      throw bug;
    };
    const { code, stderr } = await runCommand(['--version'], { io });
    t.equal(code, 1);
    t.match(stderr, /^relay: RLY_INTERNAL: something the relay does not expect happened: .*(x is no function|a text)/);
    t.match(stderr, /Please report it with the log lines around it\.\n$/);
    t.equal(stderr.split('\n').length, 2);
  }
});
