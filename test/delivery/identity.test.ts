import { once } from 'node:events';
import {
  type AddressInfo,
  connect as connectPlain,
  createServer as createPlainServer,
  type Server,
  type Socket,
} from 'node:net';
import { connect, type ConnectionOptions, createServer } from 'node:tls';
import t, { type Test } from 'tap';
import { identityOf, UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';
import { privateCa, privateClient, privateServer } from '../support/private-ca.ts';
import { selfSigned } from '../support/self-signed.ts';

async function listening(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('over plain HTTP nothing is known', async (t) => {
  const server = createPlainServer();
  const port = await listening(t, server);
  const connected = once(server, 'connection');
  connectPlain(port, '127.0.0.1').end();
  const [socket] = await connected;
  t.equal(identityOf(socket as Socket), UNKNOWN_CLIENT);
  (socket as Socket).destroy();
});

t.test('over TLS a certificate counts when it was verified, also in a session that goes on', async (t) => {
  const server = createServer({ ...privateServer, ca: privateCa, requestCert: true, rejectUnauthorized: false });
  const port = await listening(t, server);
  async function identityFor(options: ConnectionOptions) {
    const client = connect({ port, host: '127.0.0.1', ca: privateCa, ...options });
    let session: Buffer | undefined;
    client.on('session', (given) => (session = given));
    const [socket] = (await once(server, 'secureConnection')) as [Socket];
    const identity = identityOf(socket);
    t.equal(identityOf(socket), identity, 'looked up once');
    socket.end('x');
    await once(client.resume(), 'close');
    socket.destroy();
    return { identity, session };
  }
  const nobody = { secure: true, certificate: null };
  t.strictSame((await identityFor({})).identity, nobody);
  t.strictSame((await identityFor(selfSigned)).identity, nobody, 'of no CA of ours');
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { identity, session } = await identityFor({ ...privateClient, maxVersion });
    t.strictSame(identity, { secure: true, certificate: { names: ['branch.test'] } });
    t.strictSame((await identityFor({ maxVersion, ...(session && { session }) })).identity, identity, maxVersion);
    t.strictSame((await identityFor({ maxVersion })).identity, nobody);
  }
});
