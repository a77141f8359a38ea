import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from '../support/fast-check.ts';
import t, { type Test } from 'tap';
import { stringify } from 'yaml';
import { KEYS } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import { InvalidConfig, type Problem } from '../../src/config/problems.ts';
import { isRelayError } from '../../src/errors/relay-error.ts';

const SERVER = 'sources: { officeScanServer: https://osce.example.com/officescan }\n';

/** What is wrong with a relay.yaml of this text: `line: key: found …, expected …`; only the line of the place. */
async function problemsOf(t: Test, text: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const cwd = t.testdir({ 'relay.yaml': text });
  const error: unknown = await loadConfig({ env, cwd }).catch((reason: unknown) => reason);
  if (!(error instanceof InvalidConfig)) throw new Error('the configuration was not refused', { cause: error });
  const file = `${join(cwd, 'relay.yaml')}:`;
  return error.problems.map((problem) => brief({ ...problem, where: problem.where.replace(file, '') }));
}

function brief({ where, key, found, expected }: Problem): string {
  return `${where}: ${key === null ? '' : `${key}: `}${found} | ${expected}`;
}

t.test('everything that is wrong is reported at once, each with its line', async (t) => {
  const text = `# comment
agents:
  port: 70000
  prt: 1
  allow:
    - 10.0.0.0/8
    - 10.0.0/8
admin: 5
storage: { maxSize: 20, minFree: 1.5GiB, keepGenerations: 0, path: data }
mirror:
  every: 10d
  items: { programs: yes }
  serverSection: Keep
log: { level: [info] }
`;
  t.strictSame(await problemsOf(t, text, { RELAY_LOG__LEVEL: 'loud' }), [
    '3: agents.port: 70000 | a port from 1 to 65535, or 0 for any free one',
    '4: agents.prt: an unknown key | one of host, port, allow, memory, allowPlain, trustedProxies, relays, tls, limits (did you mean port?)',
    "7: agents.allow[1]: '10.0.0/8' | an IPv4 or IPv6 address, or a range of them as in 10.0.0.0/8",
    '8: admin: 5 | a mapping with the keys host, port, tokenFile, hosts',
    '9: storage.maxSize: 20 | a size of at least 1MiB with its unit (B, KB, KiB, MB, MiB, GB, GiB, TB, TiB), as in 20GiB',
    "9: storage.minFree: '1.5GiB' | a size with its unit (B, KB, KiB, MB, MiB, GB, GiB, TB, TiB), as in 20GiB",
    '9: storage.keepGenerations: 0 | a whole number from 1 to 100',
    "9: storage.path: 'data' | an absolute path",
    "11: mirror.every: '10d' | a duration from 1m to 7d with its unit (ms, s, m, h, d), as in 15m",
    "12: mirror.items.programs: 'yes' | true or false",
    "13: mirror.serverSection: 'Keep' | one of comment, keep",
    "14: log.level: [ 'info' ] | one of debug, info, warn, error",
    "RELAY_LOG__LEVEL: log.level: 'loud' | one of debug, info, warn, error",
    `${t.testdirName}/relay.yaml: sources.officeScanServer: nothing | an http or https URL, as in https://osce.example.com:4343/officescan`,
  ]);
});

t.test('each entry of the customized list is checked by itself, and has its line', async (t) => {
  const text = `sources:
  officeScanServer: https://osce.example.com/officescan
  customized:
    - url: http://ua1.example.com:21112/activeupdate
      range: 10.1.0.0-10.0.0.0
    - uri: http://ua2.example.com:21112/activeupdate
    - url: http://me:secret@ua3.example.com/activeupdate
      range:
    - http://ua4.example.com/activeupdate
    - { url: "http://ua5.example.com/activeupdate/server.ini", ranges: [], __proto__: 1 }
  activeUpdate: osce14-p.activeupdate.trendmicro.com
`;
  const url = 'an http or https URL, as in http://ua1.example.com:21112/activeupdate';
  const range = 'an IPv4 or IPv6 address, or a range of them as in 10.1.0.0-10.1.255.255, 10.1.0.0/16 or 2001:db8::/48';
  t.strictSame(await problemsOf(t, text), [
    `5: sources.customized[0].range: '10.1.0.0-10.0.0.0' | ${range}`,
    '6: sources.customized[1].uri: an unknown key | one of url, range (did you mean url?)',
    `6: sources.customized[1].url: nothing | ${url}`,
    "7: sources.customized[2].url: 'http://***@ua3.example.com/activeupdate' | a URL without user name and password: it is shown in logs and in the status",
    `8: sources.customized[2].range: no value | ${range}`,
    "9: sources.customized[3]: 'http://ua4.example.com/activeupdate' | an entry with the keys url and, where it is not for everybody, range",
    '10: sources.customized[4].ranges: an unknown key | one of url, range (did you mean range?)',
    '10: sources.customized[4].__proto__: an unknown key | one of url, range',
    "10: sources.customized[4].url: 'http://ua5.example.com/activeupdate/server.ini' | http://ua5.example.com/activeupdate, for /server.ini is appended",
    `11: sources.activeUpdate: 'osce14-p.activeupdate.trendmicro.com' | ${url}`,
  ]);
});

t.test('the customized list has at most 1,024 entries', async (t) => {
  const withEntries = (count: number) =>
    `sources:
  officeScanServer: https://osce.example.com/officescan
  customized:
${'    - { url: http://ua.example.com/activeupdate }\n'.repeat(count)}`;
  t.match(await problemsOf(t, withEntries(1025)), [
    /^1028: sources.customized: 1025 entries \| a list of at most 1024 /,
  ]);
  const cwd = t.testdir({ 'relay.yaml': withEntries(1024) });
  t.equal((await loadConfig({ env: {}, cwd })).config.sources.customized.length, 1024);
});

t.test('each window of the WAN budget is checked by itself, and has its line', async (t) => {
  const text = `${SERVER}mirror:
  wan:
    rate: 20
    windows:
      - { days: mon-fri, from: 08:00, to: "18:00", rate: 4Mbit/s }
      - { day: sat, from: "8:00", to: "24:00", rate: 4MB/s }
      - days: monday
        from: "20:00"
        rate: 64kbit/s
      - 4Mbit/s
`;
  const time = 'a time of day from 00:00 to 23:59, as in 08:00';
  const rate = 'a rate of at least 128kbit/s with its unit (B/s, kbit/s, KiB/s, Mbit/s, MiB/s, Gbit/s), as in 20Mbit/s';
  t.strictSame(await problemsOf(t, text), [
    `4: mirror.wan.rate: 20 | ${rate}`,
    '7: mirror.wan.windows[1].day: an unknown key | one of days, from, to, rate (did you mean days?)',
    `7: mirror.wan.windows[1].from: '8:00' | ${time}`,
    `7: mirror.wan.windows[1].to: '24:00' | ${time}`,
    `7: mirror.wan.windows[1].rate: '4MB/s' | ${rate}`,
    "8: mirror.wan.windows[2].days: 'monday' | days of the week and ranges of them, as in mon-fri or sat,sun",
    `8: mirror.wan.windows[2].to: nothing | ${time}`,
    `10: mirror.wan.windows[2].rate: '64kbit/s' | ${rate}`,
    "11: mirror.wan.windows[3]: '4Mbit/s' | a window with the keys from, to, rate and, where it is not for every day, days",
  ]);
});

t.test('the error lists them one a line, then says what to do', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': 'agents: { port: x }\nlog: { level: y }\n' });
  const error: unknown = await loadConfig({ env: {}, cwd }).catch((reason: unknown) => reason);
  t.ok(isRelayError(error, 'RLY_CONFIG_INVALID'));
  const lines = error instanceof InvalidConfig ? error.line.split('\n') : [];
  const file = join(cwd, 'relay.yaml');
  t.strictSame(lines.slice(0, 3), [
    'RLY_CONFIG_INVALID: the configuration cannot be used:',
    `  ${file}:1: agents.port: found 'x', expected a port from 1 to 65535, or 0 for any free one`,
    `  ${file}:2: log.level: found 'y', expected one of debug, info, warn, error`,
  ]);
  t.match(lines.at(-1), /^Correct what is listed and run `relay check-config`/);
});

t.test('a bad value in the file is reported even where a variable wins over it', async (t) => {
  t.strictSame(await problemsOf(t, `${SERVER}log: { level: loud }\n`, { RELAY_LOG__LEVEL: 'info' }), [
    "2: log.level: 'loud' | one of debug, info, warn, error",
  ]);
});

t.test('an empty file, or one of comments, lacks the source', async (t) => {
  for (const text of ['', '\n', '# nothing yet\n', '---\n']) {
    t.match(await problemsOf(t, text), [/sources\.officeScanServer: nothing/], JSON.stringify(text));
  }
});

t.test('a key that has a default and no value is refused, for it may be meant as an empty list', async (t) => {
  t.match(await problemsOf(t, `${SERVER}agents: { allow: }\n`), [/^2: agents.allow: no value \| a list of /]);
});

t.test('a file that is not a mapping says so', async (t) => {
  t.match(await problemsOf(t, '- agents\n- admin\n'), [
    /^1: \[ 'agents', 'admin' \] \| a mapping with the keys agents, admin,/,
    /./,
  ]);
  t.match(await problemsOf(t, 'agents\n'), [/^1: 'agents' \| a mapping/, /./]);
});

t.test('credentials in a URL are refused without being shown', async (t) => {
  const [problem = '', ...more] = await problemsOf(
    t,
    'sources: { officeScanServer: https://me:se/cr@et@osce/officescan }',
  );
  t.strictSame(more, []);
  t.match(problem, "'https://***@osce/officescan'");
  t.notMatch(problem, /se\/cr|et@/);
});

t.test('keys that would reach into objects are unknown like any other', async (t) => {
  t.match(
    await problemsOf(t, `${SERVER}__proto__: { log: 1 }\nconstructor: 1\nlog: { toString: 1 }\n<<: { log: 1 }\n`),
    [
      /^2: __proto__: an unknown key/,
      /^3: constructor: an unknown key/,
      /^4: log.toString: an unknown key/,
      /^5: <<: an unknown key/,
    ],
  );
});

t.test('the admin listener without a token stays on this machine', async (t) => {
  t.match(await problemsOf(t, `${SERVER}admin:\n  port: 1\n  host: 0.0.0.0\n`), [
    /^4: admin.host: '0.0.0.0' \| a loopback address .* or admin.tokenFile beside it: without a token/,
  ]);
});

t.test('TLS for agents needs both halves of a pair', async (t) => {
  const tls = (keys: string) =>
    problemsOf(t, `sources: { officeScanServer: https://a/officescan }\nagents:\n  tls: ${keys}\n`);
  t.match(await tls('{ cert: /a.pem }'), [/^3: agents.tls.cert: '\/a.pem' \| agents.tls.key beside it$/]);
  t.match(await tls('{ key: /a.key }'), [/^3: agents.tls.key: '\/a.key' \| agents.tls.cert beside it$/]);
  t.match(await tls('{ clientCa: /ca.pem }'), [
    /^3: agents.tls.clientCa: .* \| agents.tls.cert and agents.tls.key beside it$/,
  ]);
});

t.test('names of the admin listener are names and addresses, and nothing else', async (t) => {
  const hosts = (list: string) =>
    problemsOf(t, `sources: { officeScanServer: https://a/officescan }\nadmin: { hosts: ${list} }\n`);
  for (const wrong of ['relay:8081', 'http://relay', 'a b', '*', '', '[::1]', '.*\\.com']) {
    t.match(
      await hosts(JSON.stringify([wrong])),
      [/^2: admin.hosts\[0\]: .* \| a host name or an address, without a port$/],
      wrong,
    );
  }
});

t.test('both listeners cannot have one port', async (t) => {
  t.match(await problemsOf(t, `${SERVER}agents: { port: 8081 }\n`), [/^2: agents.port: 8081 \| two different ports/]);
  t.match(await problemsOf(t, SERVER, { RELAY_ADMIN__PORT: '8080' }), [/^RELAY_ADMIN__PORT: admin.port: 8080/]);
  const cwd = t.testdir({ 'relay.yaml': `${SERVER}agents: { port: 0 }\nadmin: { port: 0 }\n` });
  t.match((await loadConfig({ env: {}, cwd })).config, { agents: { port: 0 }, admin: { port: 0 } });
});

t.test('rules between keys are checked in the same round, but not on keys that are wrong themselves', async (t) => {
  t.match(await problemsOf(t, 'admin: { host: 0.0.0.0, port: 8080, tokenFile: token }\n'), [
    /^1: admin.tokenFile: 'token' \| an absolute path/,
    /sources.officeScanServer: nothing/,
    /^1: admin.port: 8080 \| two different ports/,
  ]);
});

/** Whether a relay.yaml of this text ends as it must: as a configuration, or as an error of the catalogue. */
async function endsWell(folder: string, text: string): Promise<boolean> {
  await writeFile(join(folder, 'relay.yaml'), text);
  const outcome: unknown = await loadConfig({ env: {}, cwd: folder }).catch((reason: unknown) => reason);
  return isRelayError(outcome) || (typeof outcome === 'object' && outcome !== null && 'config' in outcome);
}

t.test('no text in a file brings anything but a configuration or a catalogue error', async (t) => {
  const words = [
    'agents',
    'port',
    'sources',
    '&a',
    '*a',
    '__proto__',
    '<<',
    '1GiB',
    '0',
    '~',
    '!!set',
    '%YAML 1.1\n---\n',
  ];
  const marks = [
    ':',
    ': ',
    '\n',
    '\n  ',
    '[',
    ']',
    '{',
    '}',
    ', ',
    '- ',
    '? ',
    '"',
    "'",
    '|',
    '%',
    '!',
    '\t',
    '#',
    '---\n',
  ];
  const part = fc.oneof(fc.constantFrom(...words, ...marks), fc.string({ unit: 'binary', maxLength: 4 }));
  const folder = t.testdir();
  const text = fc.array(part, { maxLength: 40 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(text, (yaml) => endsWell(folder, yaml)),
    { numRuns: 200 },
  );
});

t.test('nor do values of any kind under the keys there are', async (t) => {
  const labels = KEYS.flatMap(({ name }) => name.split('.'));
  const tree = fc.object({
    key: fc.constantFrom(...labels, '__proto__', 'constructor'),
    maxDepth: 3,
    withBigInt: true,
  });
  const folder = t.testdir();
  await fc.assert(
    fc.asyncProperty(tree, (values) => endsWell(folder, stringify(values))),
    { numRuns: 200 },
  );
});

t.test('each entry of sources.reach is checked by itself, and has its line', async (t) => {
  const text = `${SERVER.replace(' }\n', ',\n  reach: [')}
    { prefix: http://u:p@a.example.com },
    { proxy: http://proxy.example.com:3128 },
    { prefix: https://b.example.com, proxy: socks5://p, pin: sha1/x, ca: ca.pem, password: x },
    { prefix: https://c.example.com, proxy: http://u:secret@p },
    { prefix: https://d.example.com, proxy: http://p/path }] }
`;
  const proxy = 'an http or https URL without a path, as in http://proxy.example.com:3128';
  t.strictSame(await problemsOf(t, text), [
    "3: sources.reach[0].prefix: 'http://***@a.example.com' | a URL without user name and password: it is shown in logs and in the status",
    '4: sources.reach[1].prefix: nothing | an http or https URL, as in http://ua1.example.com:21112/activeupdate',
    '5: sources.reach[2].password: an unknown key | one of prefix, proxy, proxyCredentialsFile, credentialsFile, ca, clientCert, clientKey, pin',
    `5: sources.reach[2].proxy: 'socks5://p' | ${proxy}`,
    "5: sources.reach[2].ca: 'ca.pem' | an absolute path",
    "5: sources.reach[2].pin: 'sha1/x' | sha256/ and the base64 of 32 bytes",
    "6: sources.reach[3].proxy: 'http://***@p' | a URL without user name and password: they belong in proxyCredentialsFile",
    `7: sources.reach[4].proxy: 'http://p/path' | ${proxy}`,
  ]);
});

t.test('keys of sources.reach that could never take effect', async (t) => {
  const pin = 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  const plain = 'a prefix that begins with https: there is no certificate in plain HTTP';
  const found = async (entry: string) => {
    const text = `${SERVER.replace(' }\n', ',\n  reach: [')}{ prefix: https://x.example.com },\n    ${entry}] }\n`;
    const [problem] = await problemsOf(t, text);
    return problem;
  };
  const secure = 'prefix: https://a.example.com';
  const open = 'prefix: http://a.example.com';
  const at = '3: sources.reach[1]';
  t.equal(
    await found('{ prefix: HTTPS://x.example.com:443/ }'),
    `${at}.prefix: 'https://x.example.com' | one entry for a prefix`,
  );
  t.equal(await found(`{ ${secure}, proxyCredentialsFile: /p }`), `${at}.proxyCredentialsFile: '/p' | proxy beside it`);
  t.equal(await found(`{ ${secure}, clientCert: /c }`), `${at}.clientCert: '/c' | clientKey beside it`);
  t.equal(await found(`{ ${secure}, clientKey: /k }`), `${at}.clientKey: '/k' | clientCert beside it`);
  t.equal(await found(`{ ${open}, pin: ${pin} }`), `${at}.pin: '${pin}' | ${plain}`);
  t.equal(await found(`{ ${open}, clientCert: /c, clientKey: /k }`), `${at}.clientCert: '/c' | ${plain}`);
  t.equal(await found(`{ ${open}, ca: /c, proxy: http://p }`), `${at}.ca: '/c' | ${plain}`);
  const good = `{ ${open}, ca: /c, proxy: https://p, credentialsFile: /c }`;
  t.match(await found(`${good}, { prefix: nonsense }`), /reach\[2\]/, 'the CA of an https proxy');
});

t.test('a domain is one segment of a path', async (t) => {
  const text = `${SERVER}mirror:
  items: { domainSettings: true }
  domains: [Branch, "", .., a/b, "c:", "100%", "d?", 7]
`;
  const name = 'the name of a domain, as in Branch: no slash, and none of \\ : % ? #';
  t.strictSame(
    await problemsOf(t, text),
    ["[1]: ''", "[2]: '..'", "[3]: 'a/b'", "[4]: 'c:'", "[5]: '100%'", "[6]: 'd?'", '[7]: 7'].map(
      (found) => `4: mirror.domains${found} | ${name}`,
    ),
  );
});

t.test(
  'domain settings are handed on for domains that are named, and domains are named for nothing else',
  async (t) => {
    t.strictSame(await problemsOf(t, `${SERVER}mirror:\n  items: { domainSettings: true }\n`), [
      '3: mirror.items.domainSettings: true | mirror.domains beside it: the domains whose settings may be handed on',
    ]);
    t.strictSame(await problemsOf(t, `${SERVER}mirror:\n  domains: [Branch]\n`), [
      '3: mirror.domains: *** | mirror.items.domainSettings: true beside it, or no domains',
    ]);
  },
);

t.test('each entry of mirror.domainAgents is checked by itself, and no message names a domain', async (t) => {
  const text = (entries: string) => `${SERVER}mirror:
  items: { domainSettings: true }
  domains: [Branch, Workgroup]
  domainAgents:${entries}
`;
  const list =
    'a list of entries, as in [{"domain": "Branch", "ranges": ["10.1.0.0/16"], "certificates": ["pc-7.example.com"]}]';
  const name = 'the name of a domain, as in Branch: no slash, and none of \\ : % ? #';
  const entries = `
    - { domain: Branch, range: [10.1.0.0/16] }
    - { ranges: [10.1.0.0/33] }
    - { domain: Branch/x, certificates: [""] }
    - { domain: Branch, certificates: pc-7 }
    - Branch`;
  t.strictSame(await problemsOf(t, text(entries)), [
    '6: mirror.domainAgents[0].range: an unknown key | one of domain, ranges, certificates (did you mean ranges?)',
    `7: mirror.domainAgents[1].domain: nothing | ${name}`,
    "7: mirror.domainAgents[1].ranges: [ '10.1.0.0/33' ] | an IPv4 or IPv6 address, or a range of them as in 10.0.0.0/8",
    `8: mirror.domainAgents[2].domain: *** | ${name}`,
    "8: mirror.domainAgents[2].certificates: [ '' ] | a name as a certificate has it, as in pc-7.example.com",
    '9: mirror.domainAgents[3].certificates: \'pc-7\' | a list of names that certificates have, as in ["pc-7.example.com"]',
    '10: mirror.domainAgents[4]: *** | an entry with the key domain, and with ranges or certificates or both',
  ]);
  t.strictSame(await problemsOf(t, text(' { Branch: { ranges: [10.1.0.0/16] } }')), [
    `5: mirror.domainAgents: *** | ${list}`,
  ]);
});

t.test('entries of mirror.domainAgents that could not take effect as they are meant', async (t) => {
  const found = (entries: string, tls = '') =>
    problemsOf(
      t,
      `${SERVER}mirror:
  items: { domainSettings: true }
  domains: [Branch, Workgroup]
  domainAgents: ${entries}
agents: { tls: { cert: /c, key: /k${tls} } }
`,
    );
  const at = (key: string, text: string) => [`5: mirror.domainAgents${key}: ${text}`];
  const branch = '{ domain: Branch, ranges: [10.0.0.0/8] }';
  t.strictSame(
    await found(`[${branch}, { domain: Office, ranges: [10.1.0.0/16] }]`),
    at('[1].domain', '*** | one of the domains in mirror.domains'),
  );
  t.strictSame(
    await found(`[${branch}, { domain: BRANCH, ranges: [10.1.0.0/16] }]`),
    at('[1].domain', '*** | one entry for a domain'),
  );
  t.strictSame(await found('[{ domain: Branch }]'), at('[0].domain', '*** | ranges or certificates beside it'));
  t.strictSame(
    await found('[{ domain: Branch, certificates: [pc-7] }]'),
    at('[0].certificates', "[ 'pc-7' ] | agents.tls.clientCa beside it: the CAs whose certificates count"),
  );
  await t.rejects(found('[{ domain: branch, certificates: [pc-7] }]', ', clientCa: /ca'), /was not refused/);
});
