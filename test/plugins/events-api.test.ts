import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { promisify } from 'node:util';
import Fastify from 'fastify';
import t, { type Test } from 'tap';
import errorHandler from '../../plugins/error-handler.ts';
import eventsApi from '../../plugins/events-api.ts';
import { silentEvents } from '../../src/ports/events.ts';
import { createEventStream } from '../../src/telemetry/event-stream.ts';
import { eventually } from '../support/eventually.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
async function site(t: Test) {
  const stream = createEventStream(() => NOW);
  const app = Fastify();
  app.register(errorHandler, { events: silentEvents });
  app.register(eventsApi, { stream });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  return { app, stream, follow: () => follower(t, url) };
}

/** A client, and all it has got so far. */
async function follower(t: Test, url: string): Promise<{ response: IncomingMessage; got: () => string }> {
  const asking = request(`${url}/api/v1/events`, { agent: false })
    .on('error', () => {})
    .end();
  t.teardown(() => asking.destroy());
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  response.on('error', () => {});
  await eventually('the first bytes', () => text !== '' || response.statusCode !== 200);
  return { response, got: () => text };
}

t.test('each event is a message with its name, and JSON with its fields and its sentence', async (t) => {
  const { stream, follow } = await site(t);
  stream.listener('relay.stopped', {});
  const { response, got } = await follow();
  t.match(response.headers, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  stream.listener('store.collected', { bytes: 42 });
  await eventually('the event', () => got().includes('42'));
  const [retry, message] = got().split('\n\n');
  t.equal(retry, 'retry: 5000');
  const [event = '', data = ''] = message?.split('\n') ?? [];
  t.equal(event, 'event: store.collected');
  t.strictSame(JSON.parse(data.replace('data: ', '')), {
    time: '2026-01-05T12:00:00.000Z',
    level: 'info',
    event: 'store.collected',
    bytes: 42,
    msg: 'freed 42 bytes that no generation holds',
  });
});

t.test('nothing that comes from outside makes a message of its own', async (t) => {
  const { stream, follow } = await site(t);
  const { got } = await follow();
  stream.listener('source.failed', { source: 'http://a', error: 'no\n\nevent: relay.stopped\ndata: {}\r\n\u2028' });
  await eventually('the event', () => got().includes('source.failed'));
  t.equal(got().match(/^event: /gm)?.length, 1);
  t.equal(got().match(/^data: /gm)?.length, 1);
});

t.test('which domains there are is told by no event', async (t) => {
  const relay = await relayFor(t, await relayEnv(t, 'http://127.0.0.1:1/officescan'), { limits: { tries: 1 } });
  const { got } = await follower(t, relay.adminUrl);
  for (const path of ['Sales/ofcscan.ini', 'Sales/OfcScan.INI', 'Sales/ofcscan%2Eini', 'pattern/a.zip']) {
    await fetch(`${relay.agentsUrl}/activeupdate/${path}`);
    await fetch(`${relay.adminUrl}/${path}`, { method: 'PUT' });
  }
  await eventually('the last event', () => got().match(/a\.zip/g)?.length === 4);
  t.notMatch(got(), /sales/i);
});

t.test('eight may follow, and one that leaves makes room', async (t) => {
  const { follow } = await site(t);
  const clients = await Promise.all(Array.from({ length: 8 }, follow));
  const { response } = await follow();
  t.equal(response.statusCode, 503);
  t.equal(response.headers['retry-after'], '60');
  clients[0]?.response.destroy();
  await eventually('room', async () => (await follow()).response.statusCode === 200);
});

t.test('one that does not read is cut, and the others are not held up', async (t) => {
  const { app, stream, follow } = await site(t);
  const [slow, quick] = [await follow(), await follow()];
  slow.response.pause();
  const connections = promisify(app.server.getConnections.bind(app.server));
  let sent = 0;
  await eventually('the cut', async () => {
    for (let i = 0; i < 10; i += 1) stream.listener('update.failed', { generation: 1, error: 'x'.repeat(10_000) });
    sent += 10;
    return (await connections()) === 1;
  });
  stream.listener('store.collected', { bytes: 4242 });
  await eventually('the last event', () => quick.got().includes('4242'));
  t.equal(quick.got().match(/^event: update\.failed$/gm)?.length, sent);
});

t.test('a relay that stops ends them at once', async (t) => {
  const { app, follow } = await site(t);
  const { response } = await follow();
  const ended = once(response, 'end');
  await app.close();
  await ended;
});
