import { renameSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect as connectSecure, type ConnectionOptions } from 'node:tls';
import t, { type Test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition.ts';
import { expiredServer, privateCa, privateClient, privateServer } from '../support/private-ca.ts';
import { relayEnv, relayFor, temporaryFolder } from '../support/relay-for.ts';
import { selfSigned } from '../support/self-signed.ts';
import { steppedClock } from '../support/stepped-clock.ts';

/** A relay whose agents speak TLS. There is no source: what it answers is 503. */
async function site(
  t: Test,
  clientCertificates?: 'required' | 'optional',
  settings: Readonly<Record<string, string>> = {},
) {
  const folder = await temporaryFolder(t);
  const put = (name: string, text: string): string => {
    // As a program that renews certificates should: never half of one.
    writeFileSync(join(folder, 'new'), text, { mode: 0o600 });
    renameSync(join(folder, 'new'), join(folder, name));
    return join(folder, name);
  };
  const clock = steppedClock();
  const env: Record<string, string> = {
    ...(await relayEnv(t, 'http://127.0.0.1:1/officescan')),
    RELAY_AGENTS__TLS__CERT: put('cert', privateServer.cert),
    RELAY_AGENTS__TLS__KEY: put('key', privateServer.key),
    ...(clientCertificates && {
      RELAY_AGENTS__TLS__CLIENT_CA: put('ca', privateCa),
      RELAY_AGENTS__TLS__CLIENT_CERTIFICATES: clientCertificates,
    }),
    ...settings,
  };
  const relay = await relayFor(t, env, { clock, limits: { tries: 1 } });
  const port = Number(new URL(relay.agentsUrl).port);

  /** The status of an answer, or the code of what went wrong; and whose certificate it was. */
  function ask(
    options: ConnectionOptions & { method?: string } = {},
  ): Promise<{ status: number | string; subject: string }> {
    const { promise, resolve } = Promise.withResolvers<{ status: number | string; subject: string }>();
    const trusted = [privateCa, selfSigned.cert];
    const asking = request({
      host: '127.0.0.1',
      port,
      path: '/activeupdate/server.ini',
      ca: trusted,
      agent: false,
      ...options,
    });
    asking.on('response', (answer) => {
      const { subject } = (asking.socket as ReturnType<typeof connectSecure>).getPeerCertificate();
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, subject: String(subject.CN) });
    });
    asking.on('error', (error: NodeJS.ErrnoException) =>
      resolve({ status: `${error.code} ${error.message}`, subject: '' }),
    );
    asking.end();
    return promise;
  }
  /** Time goes by until this is so. */
  const later = (what: string, look: () => boolean) =>
    eventually(what, () => {
      clock.advance(60_000);
      return look();
    });
  return { relay, events: relay.events, port, ask, put, later };
}

const NOT_READY = { status: 503 };

t.test('agents are served over TLS 1.2 and 1.3, and over nothing else', async (t) => {
  const { relay, events, port, ask } = await site(t);
  t.match(relay.agentsUrl, /^https:\/\/127\.0\.0\.1:/);
  t.match(events.of('certificate.loaded'), [{ key: 'agents.tls.cert', subject: 'CN=source.test', until: /^2126-/ }]);
  t.match(await ask({ maxVersion: 'TLSv1.2' }), { ...NOT_READY, subject: 'source.test' });
  t.match(await ask({ minVersion: 'TLSv1.3' }), NOT_READY);
  // OpenSSL itself refuses to ask for less, unless its level of security is lowered.
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  t.match((await ask(old)).status, /alert protocol version/);

  const plain = connect(port, '127.0.0.1').on('error', () => {});
  plain.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  t.equal(String(await buffer(plain).catch(() => '')), '', 'plain HTTP is not answered');
  t.match((await events.nth('tls.failed', 1)).error, /^ERR_SSL_/);
});

t.test('a connection over the limits is told as such, and not as one on which TLS failed', async (t) => {
  const { events, port, ask } = await site(t, undefined, { RELAY_AGENTS__LIMITS__CONNECTIONS_PER_ADDRESS: '1' });
  const socket = connectSecure({ port, host: '127.0.0.1', ca: privateCa });
  t.teardown(() => socket.destroy());
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  t.match(await ask(), { status: /^ECONNRESET/ });
  t.match(events.of('connections.ended'), [{ count: 1, reason: 'its address has all the places it may have' }]);
  // What does fail is told, and had anything been told before, it would stand first.
  socket.destroy();
  await eventually('a handshake that fails', async () => {
    const rubbish = connect(port, '127.0.0.1').on('error', () => {});
    rubbish.end('rubbish');
    await new Promise((resolve) => rubbish.once('close', resolve));
    return events.of('tls.failed').length > 0;
  });
  t.match(events.of('tls.failed'), [{ count: 1, error: /^ERR_SSL_/ }]);
});

t.test('a client may not renegotiate', async (t) => {
  const { port } = await site(t);
  const socket = connectSecure({ port, host: '127.0.0.1', ca: privateCa, maxVersion: 'TLSv1.2' });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const ended = new Promise((resolve) => {
    socket.on('error', resolve).on('close', resolve);
  });
  socket.renegotiate({}, () => {});
  t.match(await ended, { code: /RENEGOTIATION|ECONNRESET/ });
});

t.test('required certificates: who has none of a CA of ours is not even heard', async (t) => {
  const { events, ask } = await site(t, 'required');
  t.match(await ask(privateClient), NOT_READY);
  for (const options of [{}, selfSigned]) {
    t.type((await ask(options)).status, 'string');
    t.type((await ask({ ...options, maxVersion: 'TLSv1.2' })).status, 'string');
  }
  t.equal(events.of('agent.answered').length, 1);
  t.match(await events.nth('tls.failed', 1), { listener: 'agents', count: 1, error: /CERTIFICATE/ });
});

t.test('optional certificates: all are heard', async (t) => {
  const { ask } = await site(t, 'optional');
  for (const options of [privateClient, {}, selfSigned]) t.match(await ask(options), NOT_READY);
});

t.test(
  'a new pair of files is in use within the minute; what cannot be used is told once, and the old one stays',
  async (t) => {
    const { relay, events, ask, put, later } = await site(t);
    put('cert', selfSigned.cert);
    await later('the refusal', () => events.of('certificate.refused').length === 1);
    t.match(events.of('certificate.refused'), [{ error: /^RLY_CONFIG_TLS_FILE: agents\.tls\.key: .*mismatch/ }]);
    for (let minute = 0; minute < 5; minute += 1) await later('a minute', () => true);
    t.match(await ask(), { ...NOT_READY, subject: 'source.test' }, 'half of a pair is none');
    t.equal(events.of('certificate.refused').length, 1);

    put('key', selfSigned.key);
    await later('the new certificate', () => events.of('certificate.loaded').length === 2);
    t.match(await ask(), { ...NOT_READY, subject: 'scripted-origin.test' });
    await later('its note', () => events.of('admin.changed').some(({ what }) => what === 'content of agents.tls'));

    put('cert', 'rubbish');
    await later('another refusal', () => events.of('certificate.refused').length === 2);
    t.match(events.of('certificate.refused')[1], { error: /there is no certificate in it/ });
    t.match(await ask(), { ...NOT_READY, subject: 'scripted-origin.test' });
    const metrics = parseExposition(await (await fetch(`${relay.adminUrl}/metrics`)).text());
    t.ok(Number(metrics.value('relay_certificate_expiry_seconds', { key: 'agents.tls.cert' })) > 3e9);
  },
);

t.test('a certificate that has expired is served, and the metric says so', async (t) => {
  const { relay, events, ask, put, later } = await site(t);
  put('cert', expiredServer.cert);
  await later('the new certificate', () => events.of('certificate.loaded').length === 2);
  t.match(await ask(), { status: /^CERT_HAS_EXPIRED/ });
  const metrics = parseExposition(await (await fetch(`${relay.adminUrl}/metrics`)).text());
  t.ok(Number(metrics.value('relay_certificate_expiry_seconds', { key: 'agents.tls.cert' })) < 0);
});
