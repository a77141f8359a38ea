import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import { createAcceptors, listeningSockets, refuseTaken } from '../../src/delivery/acceptors.ts';
import { eventually } from '../support/eventually.ts';

const HOST = '127.0.0.1';
const BACKLOG = 256;

/** A server with so many listening sockets beside its own. */
async function site(t: Test, beside: number) {
  let accepted = 0;
  const server = createServer((_, response) => response.end('answered'));
  server.on('connection', () => (accepted += 1));
  server.listen({ host: HOST, port: 0, backlog: BACKLOG, reusePort: true });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const acceptors = createAcceptors(BACKLOG);
  await acceptors.open(server, beside);
  t.teardown(async () => {
    server.close();
    server.closeAllConnections();
    await acceptors.close();
  });
  return { server, port, acceptors, accepted: () => accepted };
}

/** Turns of the event loop until a server has accepted so many connections, all of which wait when the first turn begins. */
async function turnsToAccept(t: Test, many: number, beside: number): Promise<number> {
  const { port, accepted } = await site(t, beside);
  // On loopback the kernel has shaken hands when connect returns.
  const clients = Array.from({ length: many }, () => connect({ port, host: HOST }));
  t.teardown(() => clients.forEach((client) => client.destroy()));
  let turns = 0;
  for (; accepted() < many; turns += 1) await new Promise(setImmediate);
  return turns;
}

t.test('those who come in the same moment are accepted many a turn', async (t) => {
  const alone = await turnsToAccept(t, 128, 0);
  const shared = await turnsToAccept(t, 128, 31);
  t.ok(shared < alone / 4, `${shared} turns, ${alone} with one socket`);
});

t.test('whichever socket a connection came by, it is answered, and the server looks after it', async (t) => {
  const { server, port, acceptors } = await site(t, 3);
  const ask = async (): Promise<string> => {
    const [answer] = (await once(get({ port, host: HOST, agent: false }), 'response')) as [IncomingMessage];
    return Buffer.concat(await answer.toArray()).toString();
  };
  t.strictSame(
    await Promise.all(Array.from({ length: 40 }, ask)),
    Array.from({ length: 40 }, () => 'answered'),
  );

  const idle = Array.from({ length: 40 }, () => connect({ port, host: HOST }));
  for (const client of idle) client.on('error', () => {});
  const ended = Promise.all(idle.map((client) => once(client.resume(), 'close')));
  await Promise.all(idle.map(async (client) => once(client.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), 'data')));
  const closed = acceptors.close();
  server.close();
  server.closeAllConnections();
  await Promise.all([closed, ended]);
  const late = connect({ port, host: HOST });
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
  t.equal(error.code, 'ECONNREFUSED', 'nobody listens any more');
});

t.test('where few files may be open, one socket has to do', async (t) => {
  t.equal(listeningSockets(512), 1);
  t.equal(listeningSockets(Infinity), process.platform === 'linux' ? 64 : 1);
});

t.test('who has taken the address is told from who shares it', async (t) => {
  const { server, port, acceptors } = await site(t, 3);
  await t.rejects(refuseTaken({ host: HOST, port, backlog: BACKLOG }), { code: 'EADDRINUSE' });
  await t.resolves(refuseTaken({ host: HOST, port: 0, backlog: BACKLOG }));
  await Promise.all([acceptors.close(), once(server.close(), 'close')]);
  await eventually('the address to be free', () =>
    refuseTaken({ host: HOST, port, backlog: BACKLOG }).then(
      () => true,
      () => false,
    ),
  );
});
