import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { crowd } from '../support/crowd.ts';
import { eventually } from '../support/eventually.ts';
import { parseExposition } from '../support/exposition.ts';
import { get as getShared } from '../support/exchange.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';

const release = createCatalogue({ shape: 'small' }).release(1);

/** Each request over a connection of its own. */
const get = (port: number, path: string) => getShared(port, path, { agent: new Agent({ keepAlive: false }) });

/** Milliseconds an answer may take. A probe of Kubernetes gives up after a second. */
const PATIENCE = 1000;

t.test(
  'a flood of connections',
  { skip: process.platform !== 'linux' && 'only Linux has all of 127.0.0.0/8' },
  async (t) => {
    const lab = await labServerFor(t, { kind: 'officeScanServer', release });
    const relay = await relayFor(t, {
      ...(await relayEnv(t, lab.url)),
      RELAY_AGENTS__LIMITS__CONNECTIONS: '200',
      RELAY_AGENTS__LIMITS__CONNECTIONS_PER_ADDRESS: '16',
    });
    await relay.mirror.update('administrator');
    const [port, admin] = [relay.agentsUrl, relay.adminUrl].map((url) => Number(new URL(url).port));

    /** Connections that never say what they want; of `address`. */
    const sockets: Socket[] = [];
    const flood = (count: number, address: string, to = port): void => {
      for (let i = 0; i < count; i += 1) {
        const socket = connect({ port: to ?? 0, host: '127.0.0.1', localAddress: address }).on('error', () => {});
        socket.write('GET /activeupdate/server.ini HTTP/1.1\r\nHost: relay\r\nX-Slow: ');
        sockets.push(socket);
      }
    };
    t.teardown(() => sockets.forEach((socket) => socket.destroy()));
    const metric = async (name: string, labels: Record<string, string>) =>
      parseExposition(String((await get(admin ?? 0, '/metrics')).body)).value(name, labels);
    const open = () => metric('relay_connections', { listener: 'agents' });

    await t.test('from one address leaves everybody else alone', async (t) => {
      flood(300, '127.0.0.66');
      await eventually('the limit', async () => (await open()) === 16);
      const { status } = await get(port ?? 0, '/activeupdate/server.ini');
      t.equal(status, 200);
      const [line] = relay.events.of('connections.ended');
      t.match(line, { listener: 'agents', address: '127.0.0.66', reason: /its address/ });
      t.equal(relay.events.of('connections.ended').length, 1, 'one line, not 284');
    });

    await t.test('from many addresses takes all places of agents, but none of health and administration', async (t) => {
      for (let host = 1; host <= 40; host += 1) flood(15, `127.0.1.${host}`);
      await eventually('the limit', async () => (await open()) === 200);
      await t.rejects(get(port ?? 0, '/activeupdate/server.ini'), { code: 'ECONNRESET' });
      for (const path of ['/livez', '/readyz', '/metrics', '/api/v1/status']) {
        const askedAt = performance.now();
        t.equal((await get(admin ?? 0, path)).status, 200);
        const took = performance.now() - askedAt;
        t.ok(took < PATIENCE * crowd(), `${path}: ${Math.round(took)} ms`);
      }
    });

    await t.test('from two addresses to administration leaves health alone', async (t) => {
      for (const address of ['127.0.0.2', '127.0.0.3']) flood(128, address, admin);
      await eventually('the limit', async () => (await metric('relay_connections', { listener: 'admin' })) === 33);
      for (const path of ['/livez', '/readyz', '/metrics']) t.equal((await get(admin ?? 0, path)).status, 200);
      const reason = 'its address has all the places it may have';
      t.match(
        relay.events.of('connections.ended').filter(({ listener }) => listener === 'admin'),
        [{ reason, address: /^127\.0\.0\.[23]$/ }],
      );
    });

    await t.test('ends, and agents are served', async (t) => {
      for (const socket of sockets) socket.destroy();
      await eventually('their end', async () => (await open()) === 0);
      t.equal((await get(port ?? 0, '/activeupdate/server.ini')).status, 200);
    });
  },
);
