import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { get } from '../support/exchange.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { privateCa, privateServer } from '../support/private-ca.ts';
import { relayEnv, relayFor, temporaryFolder } from '../support/relay-for.ts';
import { selfSigned } from '../support/self-signed.ts';
import { steppedClock } from '../support/stepped-clock.ts';

const release = createCatalogue({ shape: 'small' }).release(1);
const TOKEN = 'a-token-of-more-than-thirty-two-characters';

async function site(t: Test, settings: Readonly<Record<string, string>> = {}) {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const folder = await temporaryFolder(t);
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const clock = steppedClock();
  const env = { ...(await relayEnv(t, lab.url)), ...settings };
  const relay = await relayFor(t, env, { clock, limits: { tries: 1 } });
  const [agents, admin] = [relay.agentsUrl, relay.adminUrl].map((url) => Number(new URL(url).port));
  return {
    lab,
    relay,
    put,
    clock,
    folder,
    events: relay.events,
    agents: agents ?? 0,
    admin: admin ?? 0,
    /** Reads the configuration again, with these variables changed; undefined: not set. */
    async reload(change: Readonly<Record<string, string | undefined>> = {}) {
      const { config } = await loadConfig({ env: { ...env, ...change }, cwd: import.meta.dirname });
      await relay.reload(config, 'SIGHUP');
    },
  };
}

t.test('who may ask is in force at once, and the log and the audit log say what changed', async (t) => {
  const { relay, agents, events, reload } = await site(t);
  await relay.mirror.update('administrator');
  t.equal((await get(agents, '/activeupdate/server.ini')).status, 200);
  await reload({ RELAY_AGENTS__ALLOW: '10.0.0.0/8' });
  t.equal((await get(agents, '/activeupdate/server.ini')).status, 403);
  const headers = { 'x-forwarded-for': '10.1.2.3' };
  t.equal((await get(agents, '/activeupdate/server.ini', { headers })).status, 403);
  await reload({ RELAY_AGENTS__ALLOW: '10.0.0.0/8', RELAY_AGENTS__TRUSTED_PROXIES: '127.0.0.1' });
  t.equal((await get(agents, '/activeupdate/server.ini', { headers })).status, 200);
  t.match(events.of('agent.answered').at(-1), { address: '10.1.2.3' });

  t.strictSame(events.of('config.reloaded'), [{ changed: 'agents.allow' }, { changed: 'agents.trustedProxies' }]);
  t.match(events.of('admin.changed').slice(1), [
    { who: 'SIGHUP', what: 'agents.allow', entry: 2 },
    { who: 'SIGHUP', what: 'agents.trustedProxies', entry: 3 },
  ]);
  t.strictSame(events.of('config.needs-restart'), []);
});

t.test('nothing changed is said too', async (t) => {
  const { events, reload } = await site(t);
  await reload();
  t.strictSame(events.of('config.reloaded'), [{ changed: 'nothing' }]);
  t.equal(events.of('admin.changed').length, 1, 'the start');
});

t.test('what takes effect at a start only is named each time, and the rest is taken over', async (t) => {
  const { relay, agents, events, reload } = await site(t);
  const change = { RELAY_AGENTS__PORT: '9', RELAY_STORAGE__PATH: '/nowhere', RELAY_AGENTS__ALLOW: '[]' };
  await reload(change);
  await reload(change);
  const keys = 'agents.port, storage.path';
  t.strictSame(events.of('config.needs-restart'), [{ keys }, { keys }]);
  t.strictSame(events.of('config.reloaded'), [{ changed: 'agents.allow' }, { changed: 'nothing' }]);
  t.equal((await get(agents, '/activeupdate/server.ini')).status, 403, 'it listens where it did');
  t.match(await relay.mirror.update('administrator'), { result: 'published' }, 'and has its store');
});

t.test('sources: their order, and how they are reached', async (t) => {
  const { lab, relay, put, reload, events } = await site(t);
  const other = await labServerFor(t, { kind: 'officeScanServer', release });
  const status = async () => (await (await fetch(`${relay.adminUrl}/api/v1/status`)).json()) as { sources: unknown };
  await relay.mirror.update('administrator');
  await reload({ RELAY_SOURCES__OFFICE_SCAN_SERVER: other.url });
  t.match(await relay.mirror.update('administrator'), { source: other.componentsUrl });
  t.match((await status()).sources, [{ url: other.componentsUrl, state: 'ok' }]);
  const kind = (await (await fetch(`${relay.adminUrl}/api/v1/explain?kind=components`)).json()) as {
    attempts: unknown;
  };
  t.match(kind.attempts, [{ source: other.url }]);

  lab.reset();
  const reach = [{ prefix: lab.url, credentialsFile: put('credentials', 'branch:secret') }];
  await reload({ RELAY_SOURCES__REACH: JSON.stringify(reach) });
  await relay.mirror.update('administrator');
  t.match(lab.requests[0]?.headers['authorization'], `Basic ${btoa('branch:secret')}`);

  put('credentials', 'branch:other');
  await reload({ RELAY_SOURCES__REACH: JSON.stringify(reach) });
  lab.reset();
  await relay.mirror.update('administrator');
  t.match(lab.requests[0]?.headers['authorization'], `Basic ${btoa('branch:other')}`);
  t.match(events.of('config.reloaded').at(-1), { changed: 'content of sources.reach' });
  t.notMatch(events.of('admin.changed'), /other/, 'a secret is in no log');
});

t.test('a new interval begins anew, and the WAN has its new budget', async (t) => {
  const { relay, reload, clock } = await site(t, { RELAY_MIRROR__EVERY: '7d' });
  await relay.mirror.update('administrator');
  const inMinutes = () => (Date.parse(relay.mirror.view().nextAt ?? '') - clock.now()) / 60_000;
  t.ok(inMinutes() > 9000);
  await reload({ RELAY_MIRROR__EVERY: '10m', RELAY_MIRROR__WAN__RATE: '8Mbit/s' });
  await new Promise(setImmediate);
  t.ok(inMinutes() < 12, `${inMinutes()} min`);
});

t.test('the admin token, by another file or another content of the same', async (t) => {
  const { relay, put, reload, events } = await site(t);
  const update = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${relay.adminUrl}/api/v1/update`, { method: 'POST', headers })).status;
  };
  t.equal(await update(TOKEN), 403);
  const change = { RELAY_ADMIN__TOKEN_FILE: put('token', TOKEN) };
  await reload(change);
  t.equal(await update(TOKEN), 202);
  put('token', TOKEN.toUpperCase());
  t.equal(await update(TOKEN), 202, 'not before it is told');
  await reload(change);
  t.equal(await update(TOKEN), 401);
  t.equal(await update(TOKEN.toUpperCase()), 202);
  t.match(events.of('config.reloaded'), [{ changed: 'admin.tokenFile' }, { changed: 'content of admin.tokenFile' }]);
});

t.test('names of the admin listener, and how many connections an address has', async (t) => {
  const { admin, agents, reload } = await site(t);
  const headers = { host: 'relay.example.com' };
  t.equal((await get(admin, '/livez', { headers })).status, 421);
  await reload({ RELAY_ADMIN__HOSTS: 'relay.example.com', RELAY_AGENTS__LIMITS__CONNECTIONS_PER_ADDRESS: '1' });
  t.equal((await get(admin, '/livez', { headers })).status, 200);
  const slow = await fetch(`http://127.0.0.1:${agents}/activeupdate/server.ini`);
  await t.rejects(get(agents, '/activeupdate/server.ini'), { code: 'ECONNRESET' });
  await slow.text();
});

t.test('certificates, from other files', async (t) => {
  const files = await temporaryFolder(t);
  const put = (name: string, text: string): string => {
    writeFileSync(join(files, name), text, { mode: 0o600 });
    return join(files, name);
  };
  const before = {
    RELAY_AGENTS__TLS__CERT: put('cert', privateServer.cert),
    RELAY_AGENTS__TLS__KEY: put('key', privateServer.key),
    RELAY_AGENTS__TLS__CLIENT_CA: put('ca', privateCa),
  };
  const { reload, events } = await site(t, before);
  const after = {
    RELAY_AGENTS__TLS__CERT: put('b', selfSigned.cert),
    RELAY_AGENTS__TLS__KEY: put('c', selfSigned.key),
  };
  await reload(after);
  t.match(events.of('certificate.loaded'), [{ subject: 'CN=source.test' }, { subject: 'CN=scripted-origin.test' }]);
  t.match(events.of('config.reloaded'), [{ changed: 'agents.tls.cert, agents.tls.key' }]);
});

t.test('all or nothing', async (t) => {
  t.test('a file that cannot be used leaves everything as it was', async (t) => {
    const { agents, folder, reload, events } = await site(t);
    const change = { RELAY_AGENTS__ALLOW: '[]', RELAY_ADMIN__TOKEN_FILE: join(folder, 'absent') };
    await t.rejects(reload(change), { code: 'RLY_ADMIN_TOKEN_UNUSABLE' });
    t.not((await get(agents, '/activeupdate/server.ini')).status, 403);
    t.equal(events.of('admin.changed').length, 1, 'the start');
    t.strictSame(events.of('config.reloaded'), []);
  });

  t.test('so does what would be wrong beside the keys that stay as they are', async (t) => {
    const folder = await temporaryFolder(t);
    writeFileSync(join(folder, 'token'), TOKEN, { mode: 0o600 });
    const { reload } = await site(t, {
      RELAY_ADMIN__HOST: '0.0.0.0',
      RELAY_ADMIN__TOKEN_FILE: join(folder, 'token'),
    });
    // On loopback no token would be needed, but it goes on listening where it does.
    const change = { RELAY_ADMIN__HOST: '127.0.0.1', RELAY_ADMIN__TOKEN_FILE: undefined };
    await t.rejects(reload(change), { code: 'RLY_CONFIG_RELOAD', fields: { key: 'admin.host', found: "'0.0.0.0'" } });
  });

  t.test('a change on this host is made also where it cannot be noted, and that is told', async (t) => {
    const { relay, agents, reload, events } = await site(t);
    const audit = join(String(relay.env['RELAY_STORAGE__PATH']), 'audit');
    rmSync(audit);
    symlinkSync('/dev/null', audit);
    await reload({ RELAY_AGENTS__ALLOW: '[]' });
    t.equal((await get(agents, '/activeupdate/server.ini')).status, 403);
    t.match(events.of('audit.failed'), [{ who: 'SIGHUP', what: 'agents.allow', error: /^RLY_STORAGE_IO: / }]);
  });
});
