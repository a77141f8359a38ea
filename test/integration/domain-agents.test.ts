import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request, type RequestOptions } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { agentsCa, namedAgent, otherAgent } from '../support/agent-certificates.ts';
import { get, type HttpAnswer } from '../support/exchange.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { privateCa, privateClient, privateServer } from '../support/private-ca.ts';
import { relayEnv, relayFor, temporaryFolder, type TestRelay } from '../support/relay-for.ts';
import { selfSigned } from '../support/self-signed.ts';

const RELEASE = createCatalogue({ shape: 'small' }).release(1);
const SETTINGS = await RELEASE.file('Branch/ofcscan.ini');

/** Of configured domains the source has one alone: for the others it would be asked in vain, if it were asked. */
const DOMAINS = {
  RELAY_MIRROR__ITEMS__DOMAIN_SETTINGS: 'true',
  RELAY_MIRROR__DOMAINS: 'Branch, Office',
};
const pathOf = (domain: string): string => `/activeupdate/${domain}/ofcscan.ini`;

interface Office {
  readonly relay: TestRelay;
  readonly lab: LabServer;
  readonly port: number;
  /** Over TLS. */
  readonly ask: (domain: string, options?: RequestOptions) => Promise<HttpAnswer>;
}

async function office(t: Test, domainAgents: readonly object[], settings: Record<string, string>): Promise<Office> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: RELEASE });
  const env = {
    ...(await relayEnv(t, lab.url)),
    ...DOMAINS,
    RELAY_MIRROR__DOMAIN_AGENTS: JSON.stringify(domainAgents),
    ...settings,
  };
  const relay = await relayFor(t, env, { limits: { tries: 1 } });
  await relay.mirror.update('administrator');
  lab.reset();
  const port = Number(new URL(relay.agentsUrl).port);
  async function ask(domain: string, options: RequestOptions = {}): Promise<HttpAnswer> {
    const place = { host: '127.0.0.1', port, path: pathOf(domain), ca: privateCa, agent: false };
    const [response] = await once(request({ ...place, ...options }).end(), 'response');
    return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
  }
  return { relay, lab, port, ask };
}

/** The variables of a listener that asks agents for certificates. */
async function tlsFor(t: Test, clientCertificates = 'optional'): Promise<Record<string, string>> {
  const folder = await temporaryFolder(t);
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  return {
    RELAY_AGENTS__TLS__CERT: put('cert', privateServer.cert),
    RELAY_AGENTS__TLS__KEY: put('key', privateServer.key),
    RELAY_AGENTS__TLS__CLIENT_CA: put('ca', agentsCa),
    RELAY_AGENTS__TLS__CLIENT_CERTIFICATES: clientCertificates,
  };
}

/** What an agent can tell answers apart by; not the name of its request and the time. */
function comparable({ status, headers, body }: HttpAnswer): object {
  const { requestId: _id, ...rest } = body.length > 0 ? JSON.parse(String(body)) : {};
  const { date: _date, 'content-length': _length, ...fields } = headers;
  return { status, fields, rest };
}

const BY_CERTIFICATE = [
  { domain: 'branch', certificates: ['pc-7'] },
  { domain: 'Office', certificates: ['pc-8.branch.test'] },
];

t.test('an agent has the settings of the domain its certificate is for, and of no other', async (t) => {
  const { lab, ask } = await office(t, BY_CERTIFICATE, await tlsFor(t));
  const own = await ask('Branch', namedAgent);
  t.match(own, { status: 200, headers: { 'cache-control': 'private, no-store' } });
  t.strictSame(own.body, SETTINGS);
  lab.reset();

  const nowhere = await ask('Nowhere', namedAgent);
  t.equal(nowhere.status, 404);
  t.match(JSON.parse(String(nowhere.body)), { error: 'RLY_PULL_NOT_YOURS', detail: /mirror\.domainAgents/ });
  const strangers: [string, RequestOptions][] = [
    ['Branch', otherAgent],
    ['Branch', {}],
    ['Branch', privateClient],
    ['Branch', selfSigned],
    ['BRANCH', otherAgent],
    ['Office', namedAgent],
    ['Nowhere', otherAgent],
  ];
  for (const [domain, options] of strangers) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(domain, { ...options, method });
      const same = await ask('Nowhere', { ...namedAgent, method });
      t.strictSame(comparable(answer), comparable(same), `${method} ${domain}`);
    }
  }
  t.strictSame(lab.requests, [], 'and no source hears of it');
  t.equal((await ask('Branch', namedAgent)).status, 200, 'its own is not harmed');
});

t.test('where certificates are required, one that is not of the domain is as good as none', async (t) => {
  const { ask } = await office(t, BY_CERTIFICATE, await tlsFor(t, 'required'));
  t.equal((await ask('Branch', namedAgent)).status, 200);
  t.equal((await ask('Branch', otherAgent)).status, 404);
  t.match(JSON.parse(String((await ask('Office', otherAgent)).body)), { error: 'RLY_PULL_ABSENT' }, 'its own');
});

t.test(
  'an agent has the settings of the domain its address is for; without an entry a domain is for all',
  async (t) => {
    const entries = [{ domain: 'Office', ranges: ['127.0.0.2'] }];
    const { lab, port } = await office(t, entries, { RELAY_AGENTS__ALLOW_PLAIN: 'true' });
    const from = (localAddress: string, domain: string) => get(port, pathOf(domain), { localAddress });
    t.equal((await from('127.0.0.3', 'Branch')).status, 200);
    lab.reset();
    t.match(JSON.parse(String((await from('127.0.0.3', 'Office')).body)), { error: 'RLY_PULL_NOT_YOURS' });
    t.strictSame(lab.requests, []);
    t.match(JSON.parse(String((await from('127.0.0.2', 'Office')).body)), { error: 'RLY_PULL_ABSENT' });
    t.equal(lab.requests.length, 1);
  },
);

t.test(
  'behind a proxy that is trusted it is the address the proxy names, and never the proxy’s certificate',
  async (t) => {
    const entries = [
      { domain: 'Branch', ranges: ['10.1.0.0/16'] },
      { domain: 'Office', certificates: ['pc-7'] },
    ];
    const { ask, relay, lab } = await office(t, entries, {
      ...(await tlsFor(t)),
      RELAY_AGENTS__ALLOW_PLAIN: 'true',
      RELAY_AGENTS__TRUSTED_PROXIES: '127.0.0.1',
    });
    const by = (domain: string, address: string) =>
      ask(domain, { ...namedAgent, headers: { 'x-forwarded-for': address } });
    t.equal((await by('Branch', '10.1.2.3')).status, 200);
    lab.reset();
    t.match(JSON.parse(String((await by('Branch', '10.2.2.3')).body)), { error: 'RLY_PULL_NOT_YOURS' });
    t.match(JSON.parse(String((await by('Office', '10.1.2.3')).body)), { error: 'RLY_PULL_NOT_YOURS' });
    t.strictSame(lab.requests, []);
    t.match(relay.events.of('agent.answered').at(-1), { address: '10.1.2.3', path: '(domain settings)', kind: 'none' });
  },
);

t.test('nothing tells which domains there are, and whose; a reload keeps what goes together together', async (t) => {
  const { relay, ask } = await office(t, BY_CERTIFICATE, await tlsFor(t));
  await ask('Branch', namedAgent);
  await ask('Branch', otherAgent);
  await ask('Nowhere', otherAgent);

  const reload = async (change: Record<string, string>): Promise<void> => {
    const env = { ...relay.env, RELAY_ADMIN__PORT: '0', ...change };
    await relay.reload((await loadConfig({ env, cwd: import.meta.dirname })).config, 'SIGHUP');
  };
  await reload({ RELAY_MIRROR__DOMAINS: 'Office', RELAY_MIRROR__DOMAIN_AGENTS: '[]' });
  t.strictSame(relay.events.of('config.needs-restart'), [{ keys: 'mirror.domains, mirror.domainAgents' }]);
  t.equal((await ask('Branch', otherAgent)).status, 404, 'not open to all while its domain is in force');
  t.equal((await ask('Branch', namedAgent)).status, 200);
  const wrong = [{ domain: 'Workgroup', ranges: [] }];
  const refusal: unknown = await reload({ RELAY_MIRROR__DOMAIN_AGENTS: JSON.stringify(wrong) }).catch(String);

  const admin = async (path: string) => (await fetch(`${relay.adminUrl}${path}`)).text();
  const told = [relay.events.all(), refusal, await admin('/metrics'), await admin('/api/v1/status')];
  const text = JSON.stringify(told);
  t.match(text, 'mirror.domainAgents[0].domain: found ***');
  t.match(text, '(domain settings)');
  t.notMatch(text, /Branch(?!\.test)|Office(?!Scan)|Nowhere|Workgroup|ofcscan\.ini|pc-[78]/i);
});
