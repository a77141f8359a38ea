import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import t, { type Test } from 'tap';
import { head, respond, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';
import { selfSigned } from '../support/self-signed.ts';
import { testUpstream } from '../support/test-upstream.ts';

const at = (url: string) => ({ url, type: 'customized' }) as const;
const silence = () => {};

t.test('a port nobody listens on', async (t) => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  const upstream = testUpstream(t);
  await t.rejects(upstream.fetchIndex(at(`http://127.0.0.1:${port}/activeupdate`), null), {
    code: 'RLY_UPSTREAM_REFUSED',
    fields: { url: `http://127.0.0.1:${port}/activeupdate/server.ini` },
    cause: { code: 'ECONNREFUSED' },
  });
  t.equal(upstream.retries.length, 0, 'the next source is the better try');
});

t.test('a name that does not exist', async (t) => {
  await t.rejects(testUpstream(t).fetchIndex(at('http://osce.invalid/activeupdate'), null), {
    code: 'RLY_UPSTREAM_DNS',
    fields: { url: 'http://osce.invalid/activeupdate/server.ini' },
  });
});

t.test('a certificate nobody signed, and the same one trusted', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, {}, 'index')], selfSigned);
  const upstream = testUpstream(t);
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_TLS',
    cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  });
  t.equal(upstream.retries.length, 0);
  t.equal(origin.requests.length, 0);
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, selfSigned.cert]);
  t.teardown(() => setDefaultCACertificates(trusted));
  t.match(await testUpstream(t).fetchIndex(origin.source, null), { state: 'fetched' });
});

/** A server that does with each connection as it is told, without waiting for a request. */
async function rawServer(t: Test, onConnection: (socket: Socket) => unknown): Promise<number> {
  const server = createServer((socket) => onConnection(socket.on('error', silence)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('TLS spoken to a port that speaks HTTP, and the other way round', async (t) => {
  const plain = await rawServer(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await t.rejects(testUpstream(t).fetchIndex(at(`https://127.0.0.1:${plain}`), null), { code: 'RLY_UPSTREAM_TLS' });
  const secure = await scriptedOrigin(t, [silence], selfSigned);
  const url = secure.source.url.replace('https', 'http');
  await t.rejects(testUpstream(t, { tries: 1 }).fetchIndex(at(url), null), { code: 'RLY_UPSTREAM_RESET' });
});

t.test('something that is not HTTP', async (t) => {
  const origin = await scriptedOrigin(t, [(_, socket) => socket.end('220 mail.example.com ESMTP\r\n\r\n')]);
  await t.rejects(testUpstream(t).fetchIndex(origin.source, null), { code: 'RLY_UPSTREAM_PROTOCOL' });
});

t.test('a header without end', async (t) => {
  const origin = await scriptedOrigin(t, [respond(200, { 'X-Filler': 'x'.repeat(100_000) })]);
  await t.rejects(testUpstream(t).fetchIndex(origin.source, null), { code: 'RLY_UPSTREAM_PROTOCOL' });
});

t.test('a handshake that never ends', async (t) => {
  const port = await rawServer(t, (socket) => socket.resume());
  const upstream = testUpstream(t, { connect: 50 });
  await t.rejects(upstream.fetchIndex(at(`https://127.0.0.1:${port}`), null), {
    code: 'RLY_UPSTREAM_UNREACHABLE',
    cause: { code: 'UND_ERR_CONNECT_TIMEOUT' },
  });
});

t.test('an answer that never begins is tried again, and given up', async (t) => {
  const origin = await scriptedOrigin(t, [silence]);
  const upstream = testUpstream(t, { headers: 50, tries: 2 });
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_TIMEOUT',
    fields: { missing: 'no answer', seconds: 0.05 },
  });
  t.equal(origin.requests.length, 2);
});

t.test('a body that stops coming', async (t) => {
  const stops: Scene = (_, socket) => socket.write(`${head(200, { 'Content-Length': 10 })}12345`);
  const origin = await scriptedOrigin(t, [stops]);
  await t.rejects(testUpstream(t, { gap: 50, tries: 1 }).fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_TIMEOUT',
    fields: { missing: 'nothing more of the body', seconds: 0.05 },
  });
});

t.test('a body that drips forever', async (t) => {
  const origin = await scriptedOrigin(t, [
    (_, socket) => {
      socket.write(head(200, { 'Content-Length': 1_000_000 }));
      const drip = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(drip));
    },
  ]);
  const upstream = testUpstream(t, { rateWindow: 100, tries: 1 });
  await t.rejects(upstream.fetchIndex(origin.source, null), {
    code: 'RLY_UPSTREAM_TOO_SLOW',
    fields: { expected: '8192 bytes/s' },
  });
});

t.test('a connection that is closed before it answers', async (t) => {
  const origin = await scriptedOrigin(t, [
    (_, socket) => socket.end(),
    (_, socket) => socket.resetAndDestroy(),
    respond(200, {}, 'index'),
  ]);
  const upstream = testUpstream(t);
  t.match(await upstream.fetchIndex(origin.source, null), { state: 'fetched' });
  t.match(upstream.retries[0]?.error, /was cut/);
  t.match(upstream.retries[1]?.error, /was cut/);
});
