import { createHotMemory } from '../../src/delivery/hot-memory.ts';
import { noOnDemand } from '../support/no-on-demand.ts';
import { noPullThrough } from '../support/no-pull-through.ts';
import t from 'tap';
import { Value } from 'typebox/value';
import { createDelivery, type Delivery } from '../../src/delivery/delivery.ts';
import { explainObject, objectExplanationSchema } from '../../src/delivery/explain-object.ts';
import { silentEvents } from '../../src/ports/events.ts';
import type { Generation, GenerationObject } from '../../src/ports/generation.ts';
import { deliveryRequest } from '../support/delivery-request.ts';
import { handClock } from '../support/hand-clock.ts';
import { stockedStore, type StockedStore } from '../support/stocked-store.ts';

function started({ store }: StockedStore): Delivery {
  return createDelivery({
    store,
    clock: handClock(),
    events: silentEvents,
    serverSection: 'comment',
    memory: 1024 * 1024,
    hot: createHotMemory(0),
    onDemand: noOnDemand,
    ...noPullThrough,
  });
}

t.test('what an object is, where it came from and when', async (t) => {
  const stocked = await stockedStore(t);
  const { number, publishedAt, objects } = await stocked.publish({ 'pattern/Virus507.zip': 'content' });
  const ask = (path: string) => explainObject({ path, agent: null }, started(stocked), stocked.store.generations);
  const explained = ask('pattern/Virus507.zip');
  t.strictSame(explained, {
    path: 'pattern/Virus507.zip',
    agent: null,
    agentGeneration: number,
    generation: number,
    publishedAt,
    kind: 'pattern',
    component: 'P.4',
    name: 'Virus Pattern',
    version: '1',
    size: 7,
    sha256: objects[0]?.sha256,
    proof: 'size',
    source: 'https://osce.example.com/officescan/download',
    fetchedAt: '2024-06-01T00:00:00.000Z',
  });
  t.ok(Value.Check(objectExplanationSchema, explained));

  for (const path of [
    '/pattern/virus507.zip',
    '/activeupdate/Pattern/virus507.zip',
    '/officescan/download/pattern/VIRUS507.zip',
  ]) {
    t.strictSame(ask(path), explained, path);
  }
});

t.test('the index is that of the newest generation, as it was received', async (t) => {
  const stocked = await stockedStore(t);
  await stocked.publish({});
  const { number, index, source } = await stocked.publish({}, '[PATTERN]\n; second\n');
  const ask = (path: string) => explainObject({ path, agent: null }, started(stocked), stocked.store.generations);
  const explained = ask('/activeupdate/server.ini');
  t.match(explained, { path: 'server.ini', generation: number, kind: 'index', sha256: index.sha256, source });
  t.match(explained, { component: null, version: null, proof: null, fetchedAt: null });
  t.ok(Value.Check(objectExplanationSchema, explained));
});

t.test('an agent under way is given the object of the generation it began with', async (t) => {
  const stocked = await stockedStore(t);
  const { generations } = stocked.store;
  await stocked.publish({ 'a.zip': 'old' });
  const delivery = started(stocked);
  const agent = { address: '10.0.0.1', connection: {} };
  await delivery.answer(deliveryRequest('/activeupdate/server.ini', agent));
  await stocked.publish({ 'a.zip': 'newer', 'b.zip': 'only here' });

  const ask = (path: string, address: string | null) => explainObject({ path, agent: address }, delivery, generations);
  t.match(ask('a.zip', '10.0.0.1'), { agent: '10.0.0.1', agentGeneration: 1, generation: 1, size: 3 });
  t.match(ask('b.zip', '10.0.0.1'), { agentGeneration: 1, generation: 2 }, 'what its own has not, another may have');
  t.match(
    ask('a.zip', null),
    { agent: null, agentGeneration: 2, generation: 2, size: 5 },
    'a new agent reads the index',
  );
  t.match(ask('server.ini', '10.0.0.1'), { agentGeneration: 1, generation: 2 }, 'the index is always the newest');

  for (const [path, size] of [
    ['a.zip', '3'],
    ['b.zip', '9'],
  ] as const) {
    const { headers } = await delivery.answer(deliveryRequest(`/activeupdate/${path}`, agent));
    t.equal(headers['Content-Length'], size, 'and that is what it gets');
  }
});

t.test('what is answered 404 is no object', async (t) => {
  const stocked = await stockedStore(t);
  const delivery = started(stocked);
  const { generations } = stocked.store;
  const ask = (path: string) => () => explainObject({ path, agent: null }, delivery, generations);
  t.throws(ask('a.zip'), { code: 'RLY_NOT_READY' });

  await stocked.publish({ 'a.zip': 'content' });
  for (const path of ['b.zip', '/officescan/a.zip', '', '/', '/activeupdate/', 'http://relay/activeupdate/a.zip']) {
    t.throws(ask(path), { code: 'RLY_NOT_LISTED', fields: { path } }, path);
  }

  const { objects, index, source } = generations.current() as Generation;
  await generations.publish({ objects, onDemand: [], index, source, absent: ['Product/old.zip'] }, new Date());
  t.throws(ask('/activeupdate/product/OLD.zip'), {
    code: 'RLY_OBJECT_ABSENT',
    fields: { path: '/activeupdate/product/OLD.zip', generation: 2, source },
  });
});

t.test('what comes on demand is listed, and has a hash and a source once it is here', async (t) => {
  const { store } = await stockedStore(t);
  const put = async (content: string) => {
    const writer = await store.blobs.create(content.length);
    await writer.write(Buffer.from(content));
    return writer.commit();
  };
  const listed = { path: 'pattern/Large.zip', kind: 'pattern', component: 'P.4', version: '1724100', size: 7 } as const;
  const source = 'https://osce.example.com/officescan/download';
  const index = { ...(await put('[PATTERN]')), etag: null, lastModified: null };
  await store.generations.publish({ source, index, objects: [], onDemand: [listed], absent: [] }, new Date());
  const ask = (fill?: GenerationObject) =>
    explainObject(
      { path: 'pattern/large.zip', agent: null },
      { generationOf: () => undefined, fillOf: () => fill },
      store.generations,
    );
  const absent = ask();
  t.match(absent, { ...listed, generation: 1, sha256: null, proof: null, source: null, fetchedAt: null });
  t.ok(Value.Check(objectExplanationSchema, absent));
  const here = {
    ...listed,
    ...(await put('content')),
    proof: 'size',
    source,
    fetchedAt: '2024-06-01T00:00:00.000Z',
  } as const;
  t.match(ask(here), { generation: 1, sha256: here.sha256, source, fetchedAt: here.fetchedAt });
});
