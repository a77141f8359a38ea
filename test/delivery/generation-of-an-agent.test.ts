import { createHotMemory } from '../../src/delivery/hot-memory.ts';
import { noOnDemand } from '../support/no-on-demand.ts';
import { noPullThrough } from '../support/no-pull-through.ts';
import t from 'tap';
import { createDelivery, type Delivery } from '../../src/delivery/delivery.ts';
import { silentEvents } from '../../src/ports/events.ts';
import type { Store } from '../../src/ports/store.ts';
import { deliveryRequest } from '../support/delivery-request.ts';
import { handClock, type HandClock } from '../support/hand-clock.ts';
import { stockedStore } from '../support/stocked-store.ts';

const MINUTE = 60_000;

function started(store: Store, clock: HandClock = handClock()): Delivery {
  return createDelivery({
    store,
    clock,
    events: silentEvents,
    serverSection: 'comment',
    memory: 1024 * 1024,
    hot: createHotMemory(0),
    onDemand: noOnDemand,
    ...noPullThrough,
  });
}

/** An agent with an address, over one connection. */
function agentOf(delivery: Delivery, address = '10.0.0.1', connection: object = {}) {
  const ask = async (path: string, method: 'GET' | 'HEAD' = 'GET') => {
    const request = deliveryRequest(`/activeupdate/${path}`, { address, connection, method });
    const { status, headers, body } = await delivery.answer(request);
    return { status, text: Buffer.isBuffer(body) ? body.toString() : '', generation: headers['X-Relay-Generation'] };
  };
  return { ask, readIndex: () => ask('server.ini') };
}

t.test('a release between index and objects, with the same names, does not reach the agent', async (t) => {
  const { store, publish } = await stockedStore(t);
  await publish({ 'pattern/a.zip': 'old', 'pattern/a.sig': 'old signature' }, '; old');
  const delivery = started(store);
  const agent = agentOf(delivery);
  t.match(await agent.readIndex(), { text: '; old', generation: '1' });

  await publish({ 'pattern/a.zip': 'new', 'pattern/a.sig': 'new signature' }, '; new');
  t.match(await agent.ask('pattern/a.zip'), { text: 'old', generation: '1' });
  const reconnected = agentOf(delivery);
  t.match(await reconnected.ask('pattern/a.sig'), { text: 'old signature', generation: '1' });
  t.match(await agentOf(delivery, '10.0.0.2').readIndex(), { text: '; new', generation: '2' }, 'others go on');

  t.match(await reconnected.readIndex(), { text: '; new', generation: '2' });
  t.match(await reconnected.ask('pattern/a.sig'), { text: 'new signature' });
  t.match(await agent.ask('pattern/a.zip'), { text: 'old' }, 'the first connection keeps what it read');
});

t.test('after 30 minutes an agent has had its time', async (t) => {
  const { store, publish } = await stockedStore(t);
  const clock = handClock();
  await publish({ 'a.zip': 'old' });
  const delivery = started(store, clock);
  const agent = agentOf(delivery);
  await agent.readIndex();
  await publish({ 'a.zip': 'new' });
  clock.advance(30 * MINUTE - 1);
  t.match(await agent.ask('a.zip'), { text: 'old' });
  clock.advance(1);
  t.match(await agent.ask('a.zip'), { text: 'new' });
});

t.test('an agent that hears "not modified" has read that index', async (t) => {
  const { store, publish } = await stockedStore(t);
  const clock = handClock();
  const delivery = started(store, clock);
  await publish({ 'a.zip': 'old' });
  const asker = { address: '10.0.0.1', connection: {} };
  const first = await delivery.answer(deliveryRequest('/activeupdate/server.ini', asker));
  clock.advance(29 * MINUTE);
  const headers = { 'if-none-match': first.headers['ETag'] };
  t.match(await delivery.answer(deliveryRequest('/activeupdate/server.ini', { ...asker, headers })), { status: 304 });
  await publish({ 'a.zip': 'new' });
  clock.advance(29 * MINUTE);
  t.match(await agentOf(delivery).ask('a.zip'), { text: 'old' });
});

t.test('HEAD of the index reads no index', async (t) => {
  const { store, publish } = await stockedStore(t);
  await publish({ 'a.zip': 'old' });
  const agent = agentOf(started(store));
  await agent.readIndex();
  await publish({ 'a.zip': 'new' });
  t.match(await agent.ask('server.ini', 'HEAD'), { status: 200, generation: '2' });
  t.match(await agent.ask('a.zip'), { text: 'old' });
});

t.test('agents behind one address: a name of one generation only is found there, whatever the pin says', async (t) => {
  const { store, publish } = await stockedStore(t);
  await publish({ 'v_1.2': 'first', 'same.zip': 'first' });
  await publish({ 'v_2.3': 'second', 'same.zip': 'second' });
  const delivery = started(store);
  const stays = agentOf(delivery);
  await stays.readIndex();
  await publish({ 'v_3.4': 'third', 'same.zip': 'third' });
  await agentOf(delivery).readIndex();

  const between = agentOf(delivery);
  t.match(await between.ask('v_1.2'), { text: 'first', generation: '1' });
  t.match(await between.ask('v_2.3'), { text: 'second', generation: '2' });
  t.match(await between.ask('same.zip'), { text: 'third' }, 'the latest index read from this address');
  t.match(await stays.ask('same.zip'), { text: 'second' }, 'unless this very connection read another');
  t.match(await stays.ask('v_3.4'), { text: 'third' });
  t.match(await stays.ask('v_4.5'), { status: 404, generation: '2' });
});

t.test('fifty agents behind one address, each over its own connection, never see two moments', async (t) => {
  const { store, publish } = await stockedStore(t);
  const delivery = started(store);
  const agents: { agent: ReturnType<typeof agentOf>; read: string }[] = [];
  for (let release = 1; release <= 5; release += 1) {
    await publish({ 'a.zip': `object ${release}` }, `; index ${release}`);
    for (let n = 0; n < 10; n += 1) {
      const agent = agentOf(delivery);
      agents.push({ agent, read: (await agent.readIndex()).text });
    }
  }
  for (const { agent, read } of agents) t.equal((await agent.ask('a.zip')).text, read.replace('; index', 'object'));
});

t.test('after a restart, an agent that read the index before it still gets the objects of that index', async (t) => {
  const { store, publish } = await stockedStore(t);
  const clock = handClock();
  await publish({ 'a.zip': 'old' });
  await agentOf(started(store, clock)).readIndex();

  const restarted = started(store, clock);
  await publish({ 'a.zip': 'new' });
  t.match(await agentOf(restarted).ask('a.zip'), { text: 'old', generation: '1' });
  t.strictSame(restarted.pinnedGenerations(), new Set([1]));
  const reader = agentOf(restarted, '10.0.0.2');
  await reader.readIndex();
  t.match(await reader.ask('a.zip'), { text: 'new' }, 'unless it reads the index');
  clock.advance(30 * MINUTE);
  t.match(await agentOf(restarted).ask('a.zip'), { text: 'new' });
  t.strictSame(restarted.pinnedGenerations(), new Set());
});

t.test(
  'what the collector spares is served to its end, and a generation retired all the same gives way to the current',
  async (t) => {
    const { store, publish } = await stockedStore(t);
    const delivery = started(store);
    await publish({ 'a.zip': 'content 1' });
    const agent = agentOf(delivery);
    await agent.readIndex();
    for (let release = 2; release <= 6; release += 1) await publish({ 'a.zip': `content ${release}` });

    await store.collect(delivery.pinnedGenerations());
    t.match(await agent.ask('a.zip'), { text: 'content 1', generation: '1' });
    await store.collect(new Set());
    t.match(await agent.ask('a.zip'), { text: 'content 6', generation: '6' });
  },
);
