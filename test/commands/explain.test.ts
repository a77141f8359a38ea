import t from 'tap';
import { pathText, sourcesText } from '../../src/commands/explain-text.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { fakeIo } from '../support/fake-io.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const VENDOR = 'https://osce14-p.activeupdate.trendmicro.com/activeupdate';
const SERVER = { RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://osce.example.com:4343/officescan' };
const LIST = {
  ...SERVER,
  RELAY_SOURCES__CUSTOMIZED: JSON.stringify([
    { url: 'http://ua1.example.com:21112/activeupdate', range: '10.1.0.0-10.1.255.255' },
    { url: 'http://ua2.example.com:21112/activeupdate' },
  ]),
};
/** ActiveUpdate first in the list, and nowhere else to go. */
const DEAD_END = {
  ...SERVER,
  RELAY_SOURCES__CUSTOMIZED: JSON.stringify([{ url: VENDOR }]),
  RELAY_SOURCES__FROM_SERVER_WHEN_CUSTOMIZED_FAIL__PROGRAMS: 'false',
};

t.test('--kind lists the sources in their order, each with its reason, from the configuration alone', async (t) => {
  const { code, stdout, stderr } = await runCommand(['explain', '--kind', 'components', '--agent', '10.1.2.3'], {
    env: LIST,
  });
  t.equal(code, 0);
  t.equal(stderr, '');
  t.equal(
    stdout,
    `Sources for components, as an agent, in the order in which they are tried:

  #  SOURCE                                                     TYPE
  1  http://ua1.example.com:21112/activeupdate                  customized
     sources.customized[0] is for 10.1.0.0-10.1.255.255, which holds 10.1.2.3
  2  http://ua2.example.com:21112/activeupdate                  customized
     sources.customized[1] has no range, so it is for every client
  3  https://osce.example.com:4343/officescan                   officeScanServer
     sources.fromServerWhenCustomizedFail.components is true, so components come from here when the list fails

When the last of them has failed, the update quits; the next one starts again with the first.

Not tried:
  -  https://osce14-p.activeupdate.trendmicro.com/activeupdate  activeUpdate
     sources.fromServerWhenCustomizedFail.components is true, so the OfficeScan server is the last one
`,
  );
});

t.test('programs with ActiveUpdate first in the list and nothing else to go to: it quits', async (t) => {
  const { code, stdout } = await runCommand(['explain', '--kind', 'programs'], { env: DEAD_END });
  t.equal(code, 0);
  t.match(stdout, /^No source may be tried for agent programs and hot fixes, as an Update Agent: the update quits\.\n/);
  t.match(stdout, 'ActiveUpdate has components only');
  t.match(stdout, 'sources.fromServerWhenCustomizedFail.programs is false');

  const json = await runCommand(['explain', '--kind', 'programs', '--json'], { env: DEAD_END });
  t.match(JSON.parse(json.stdout), { kind: 'programs', role: 'update-agent', attempts: [] });
});

t.test('--json is kind, role, attempts and notTried, and nothing else', async (t) => {
  const args = ['explain', '--kind', 'domain-settings', '--role', 'update-agent', '--agent', '192.0.2.1', '--json'];
  const { stdout } = await runCommand(args, { env: LIST });
  const explained = JSON.parse(stdout) as Record<string, unknown>;
  t.strictSame(Object.keys(explained), ['kind', 'role', 'attempts', 'notTried']);
  t.match(explained, {
    kind: 'domainSettings',
    role: 'update-agent',
    attempts: [{ source: 'http://ua2.example.com:21112/activeupdate' }, { type: 'officeScanServer' }],
    notTried: [{ source: 'http://ua1.example.com:21112/activeupdate' }, { source: VENDOR }],
  });
  for (const step of [explained['attempts'], explained['notTried']].flat()) {
    t.strictSame(Object.keys(step as object), ['source', 'type', 'reason']);
  }
});

t.test('where every source is tried, nothing is said of others', async (t) => {
  const env = { ...SERVER, RELAY_SOURCES__AGENTS_DOWNLOAD_FROM_ACTIVE_UPDATE: 'true' };
  const { stdout } = await runCommand(['explain', '--kind', 'components'], { env });
  t.match(stdout, `  2  ${VENDOR}  activeUpdate\n`);
  t.match(stdout, /starts again with the first\.\n$/);
});

t.test('a path is asked of the running relay', async (t) => {
  const lab = await labServerFor(t, {
    kind: 'officeScanServer',
    release: createCatalogue({ shape: 'small' }).release(3),
  });
  const relay = await relayFor(t, await relayEnv(t, lab.url));
  await relay.mirror.update('administrator');
  const object = relay.store.generations.current()?.objects.find(({ component }) => component === 'P.4');
  const path = `/activeupdate/${object?.path}`;

  const { code, stdout, stderr } = await runCommand(['explain', path, '--agent', '10.0.0.1'], { env: relay.env });
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, `\nagent       10.0.0.1 works from generation 1\n`);
  t.match(stdout, `\ncomponent   P.4, Virus Pattern\n`);
  t.match(stdout, `\nsha256      ${object?.sha256}\n`);
  t.match(stdout, `\nsource      ${lab.componentsUrl}\n`);

  const json = await runCommand(['explain', path, '--json'], { env: relay.env });
  const api = await fetch(`${relay.adminUrl}/api/v1/explain?path=${encodeURIComponent(path)}`);
  t.strictSame(JSON.parse(json.stdout), await api.json());

  const absent = await runCommand(['explain', 'pattern/none.zip'], { env: relay.env });
  t.equal(absent.code, 1);
  t.match(absent.stderr, /RLY_ADMIN_REFUSED: .* answered 404: pattern\/none.zip is not in any generation/);
});

t.test('without a running relay there is no answer for a path', async (t) => {
  const env = { ...SERVER, RELAY_ADMIN__PORT: String(await freePort()) };
  const { code, stderr } = await runCommand(['explain', 'server.ini'], { env });
  t.equal(code, 1);
  t.match(stderr, 'relay: RLY_ADMIN_UNREACHABLE: ');
});

t.test('what is not understood is a usage error', async (t) => {
  const cases: [string[], string][] = [
    [[], 'it takes either --kind KIND or a PATH'],
    [['--kind', 'programs', 'server.ini'], 'it takes either --kind KIND or a PATH'],
    [['server.ini', 'other.ini'], "unexpected argument 'other.ini'"],
    [['--kind', 'engines'], '--kind engines is none of components, domain-settings, programs'],
    [['--kind', 'programs', '--role', 'relay'], '--role relay is none of agent, update-agent'],
    [['--kind', 'programs', '--agent', 'pc1'], '--agent pc1 is no IPv4 or IPv6 address'],
    [['server.ini', '--agent', 'pc1'], '--agent pc1 is no IPv4 or IPv6 address'],
    [['server.ini', '--role', 'agent'], '--role goes with --kind, not with a PATH'],
    [['server.ini', '--knd', 'programs'], "unknown option '--knd' (did you mean --kind?)"],
  ];
  for (const [args, problem] of cases) {
    t.strictSame(await runCommand(['explain', ...args], { env: SERVER }), {
      code: 64,
      stdout: '',
      stderr: `relay: RLY_USAGE: ${problem}. Run \`relay explain --help\` to see what it takes.\n`,
    });
  }
});

t.test('text for people', async (t) => {
  t.test('numbers of two digits are aligned', async (t) => {
    const step = { source: 'http://ua/activeupdate', type: 'customized' as const, reason: 'because' };
    const attempts = Array.from({ length: 10 }, () => step);
    const lines = sourcesText({ kind: 'components', role: 'agent', attempts, notTried: [step] }, fakeIo()).split('\n');
    t.equal(lines[2], '   #  SOURCE                  TYPE');
    t.equal(lines[3], '   1  http://ua/activeupdate  customized');
    t.equal(lines[21], '  10  http://ua/activeupdate  customized');
    t.equal(lines[22], '      because');
    t.equal(lines.at(-3), '   -  http://ua/activeupdate  customized');
  });

  t.test('of an object only what there is', async (t) => {
    const index = {
      path: 'server.ini',
      agent: null,
      agentGeneration: 2,
      generation: 2,
      publishedAt: '2026-01-05T12:00:00.000Z',
      kind: 'index',
      component: null,
      name: null,
      version: null,
      size: 2048,
      sha256: 'ab',
      proof: null,
      source: 'https://osce.example.com/officescan/download',
      fetchedAt: null,
    };
    t.equal(
      pathText(index, fakeIo()),
      [
        'path        server.ini',
        'generation  2, published 2026-01-05T12:00:00.000Z',
        'kind        index',
        'size        2048 bytes (2.0 KiB)',
        'sha256      ab',
        'source      https://osce.example.com/officescan/download',
        '',
      ].join('\n'),
    );
    const pattern = { ...index, component: 'P.4', name: 'Virus Pattern', version: '1724100', proof: 'structure' };
    t.match(
      pathText(pattern, fakeIo()),
      /component +P\.4, Virus Pattern\nversion +17\.241\.00\n[^]*proven by +structure/,
    );
    const unknown = { ...index, component: 'P.49', name: 'P.49', version: '7' };
    t.match(pathText(unknown, fakeIo()), /component +P\.49\nversion +7\n/);
  });
});
