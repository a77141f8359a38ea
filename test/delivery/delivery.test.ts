import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createHotMemory } from '../../src/delivery/hot-memory.ts';
import { noOnDemand } from '../support/no-on-demand.ts';
import { noPullThrough } from '../support/no-pull-through.ts';
import t, { type Test } from 'tap';
import type { Answer } from '../../src/delivery/answer.ts';
import {
  createDelivery,
  type Delivery,
  type DeliveryOptions,
  type DeliveryRequest,
} from '../../src/delivery/delivery.ts';
import { deliveryRequest } from '../support/delivery-request.ts';
import { handClock, type HandClock } from '../support/hand-clock.ts';
import { recordedEvents, type RecordedEvents } from '../support/recorded-events.ts';
import { stockedStore, type StockedStore } from '../support/stocked-store.ts';

const SMALL = Buffer.from('the smaller pattern');
const LARGE = Buffer.alloc(3 * 1024 * 1024 + 7, 'a larger pattern ');
const INDEX = '[Server]\r\nAvailableServer=1\r\n[PATTERN]\r\n';
const COMMENTED = ';[Server]\r\n;AvailableServer=1\r\n[PATTERN]\r\n';

interface Scene extends StockedStore {
  readonly delivery: Delivery;
  readonly events: RecordedEvents;
  readonly clock: HandClock;
  readonly ask: (path: string, more?: Partial<DeliveryRequest>) => Promise<Answer>;
}

async function scene(t: Test, serverSection: 'keep' | 'comment' = 'comment'): Promise<Scene> {
  const stocked = await stockedStore(t);
  const events = recordedEvents();
  const clock = handClock();
  const options = {
    store: stocked.store,
    clock,
    events,
    serverSection,
    memory: 64 * 1024 * 1024,
    hot: createHotMemory(0),
    onDemand: noOnDemand,
    ...noPullThrough,
  };
  const delivery = createDelivery(options);
  return {
    ...stocked,
    delivery,
    events,
    clock,
    ask: async (path, more) => delivery.answer(deliveryRequest(path, more)),
  };
}

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes);

/** The bytes of a body; closes its reader. */
async function bytesOf({ body }: Answer): Promise<Buffer | null> {
  if (!body || Buffer.isBuffer(body)) return body;
  if ('growing' in body) throw new Error('the body is still coming');
  await using reader = body.reader;
  const pieces: Buffer[] = [];
  for (const part of body.parts) {
    const piece = Buffer.isBuffer(part) ? part : Buffer.alloc(part.end - part.start);
    if (!Buffer.isBuffer(part)) await reader.read(piece, part.start);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function errorOf({ body }: Answer): { error: string; detail: string; requestId: string } {
  return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '{}');
}

t.test('an object comes whole, with everything a client may want to know of it', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'pattern/small.zip': SMALL });
  const answer = await ask('/activeupdate/pattern/small.zip');
  t.strictSame(await bytesOf(answer), SMALL);
  t.match(answer, { status: 200, kind: 'pattern', cache: 'hit', generation: 1 });
  t.strictSame(answer.headers, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(SMALL.length),
    'Accept-Ranges': 'bytes',
    'Repr-Digest': `sha-256=:${sha256(SMALL).digest('base64')}:`,
    ETag: `"${sha256(SMALL).digest('hex')}"`,
    'Cache-Control': 'no-cache',
    'Cache-Status': 'relay; hit',
    'X-Relay-Generation': '1',
  });
});

t.test('each answer with the index, and no other, has the fields that change with time', async (t) => {
  const { store, publish } = await stockedStore(t);
  await publish({ 'pattern/small.zip': SMALL }, INDEX);
  let age = 0;
  const delivery = createDelivery({
    store,
    clock: handClock(),
    events: recordedEvents(),
    serverSection: 'comment',
    memory: 1024,
    hot: createHotMemory(0),
    onDemand: noOnDemand,
    ...noPullThrough,
    indexFields: () => ({ Age: String((age += 1)) }),
  });
  const index = async (more: Partial<DeliveryRequest> = {}) =>
    delivery.answer(deliveryRequest('/activeupdate/server.ini', more));
  const whole = await index();
  t.match(whole, { status: 200, headers: { Age: '1' } });
  const etag = whole.headers['ETag'];
  t.match(await index({ headers: { 'if-none-match': etag } }), { status: 304, headers: { Age: '2', ETag: etag } });
  t.match(await index({ method: 'HEAD' }), { status: 200, headers: { Age: '3' } });
  const object = await delivery.answer(deliveryRequest('/activeupdate/pattern/small.zip'));
  t.notOk('Age' in object.headers);
});

t.test('what is too large for the memory comes from an open blob', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'pattern/large.zip': LARGE });
  const answer = await ask('/activeupdate/pattern/large.zip');
  t.notOk(Buffer.isBuffer(answer.body));
  t.equal(answer.headers['Content-Length'], String(LARGE.length));
  t.ok((await bytesOf(answer))?.equals(LARGE));
});

t.test('both trees lead to the same object, in any case', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'Pattern/Small.zip': SMALL });
  for (const path of ['/activeupdate/pattern/small.ZIP', '/OfficeScan/Download/PATTERN/small.zip']) {
    t.equal((await ask(path)).status, 200, path);
  }
});

t.test('the index comes as the option says, with an ETag of what is served', async (t) => {
  const served = { comment: COMMENTED, keep: INDEX };
  for (const option of ['comment', 'keep'] as const) {
    const { ask, publish } = await scene(t, option);
    await publish({}, INDEX);
    const answer = await ask('/officescan/download/server.ini');
    t.equal(String(await bytesOf(answer)), served[option]);
    t.match(answer, {
      status: 200,
      kind: 'index',
      headers: {
        ETag: `"${sha256(served[option]).digest('hex')}"`,
        'Cache-Control': 'no-cache',
        'Content-Type': 'text/plain',
        'Content-Length': String(served[option].length),
      },
    });
    const again = await ask('/activeupdate/Server.INI', { headers: { 'if-none-match': answer.headers['ETag'] } });
    t.match(again, { status: 304, body: null });
  }
});

t.test('what is in no generation is 404 at once, and ini_xml.zip always is', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'pattern/small.zip': SMALL });
  const paths = [
    '/activeupdate/ini_xml.zip',
    '/activeupdate/pattern/none.zip',
    '/',
    '/activeupdate',
    '/other/server.ini',
  ];
  for (const path of [...paths, '/pattern/small.zip', '/officescan/pattern/small.zip', '/activeupdate/__proto__']) {
    const answer = await ask(path);
    t.match(answer, { status: 404, kind: 'none', cache: 'none', headers: { 'X-Relay-Generation': '1' } }, path);
    t.match(errorOf(answer), { error: 'RLY_NOT_LISTED', requestId: 'req-1' });
  }
});

t.test('before the first generation, what may come is 503 and what cannot is 404', async (t) => {
  const { ask, delivery } = await scene(t);
  for (const path of ['/activeupdate/server.ini', '/officescan/download/pattern/small.zip']) {
    const answer = await ask(path);
    const headers = { 'Retry-After': '60', 'Cache-Status': 'relay; detail=RLY_NOT_READY', 'X-Relay-Generation': '0' };
    t.match(answer, { status: 503, headers });
    t.equal(errorOf(answer).error, 'RLY_NOT_READY');
  }
  t.equal((await ask('/favicon.ico')).status, 404);
  t.equal(delivery.generation(), 0);
});

t.test('HEAD tells of the whole and opens nothing', async (t) => {
  const { ask, publish, fileOf } = await scene(t);
  const { objects } = await publish({ 'pattern/large.zip': LARGE });
  for (const object of objects) await rm(fileOf(object));
  const answer = await ask('/activeupdate/pattern/large.zip', { method: 'HEAD', headers: { range: 'bytes=0-9' } });
  t.match(answer, { status: 200, body: null, headers: { 'Content-Length': String(LARGE.length) } });
});

t.test('a range is cut from memory and from disk alike', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'small.zip': SMALL, 'large.zip': LARGE });
  for (const [path, content] of Object.entries({ 'small.zip': SMALL, 'large.zip': LARGE })) {
    const answer = await ask(`/activeupdate/${path}`, { headers: { range: 'bytes=4-10' } });
    const headers = { 'Content-Range': `bytes 4-10/${content.length}`, 'Content-Length': '7' };
    t.match(answer, { status: 206, headers });
    t.strictSame(await bytesOf(answer), content.subarray(4, 11));
  }
});

t.test('several ranges come as multipart with the length of all its parts', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'small.zip': SMALL, 'large.zip': LARGE });
  for (const path of ['small.zip', 'large.zip']) {
    const answer = await ask(`/activeupdate/${path}`, { headers: { range: 'bytes=0-1,-3' } });
    const bytes = await bytesOf(answer);
    t.equal(answer.status, 206);
    t.match(answer.headers['Content-Type'], /^multipart\/byteranges; boundary=[0-9a-f]{32}$/);
    t.equal(answer.headers['Content-Length'], String(bytes?.length));
    t.notOk('Content-Range' in answer.headers);
  }
});

t.test('a range outside is 416 with the size', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'small.zip': SMALL });
  const answer = await ask('/activeupdate/small.zip', { headers: { range: 'bytes=500-' } });
  t.match(answer, { status: 416, headers: { 'Content-Range': `bytes */${SMALL.length}` } });
  t.equal(errorOf(answer).error, 'RLY_RANGE_NOT_SATISFIABLE');
});

t.test('If-Match for other content is 412', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'small.zip': SMALL });
  const answer = await ask('/activeupdate/small.zip', { headers: { 'if-match': '"other"' } });
  t.equal(answer.status, 412);
  t.equal(errorOf(answer).error, 'RLY_PRECONDITION_FAILED');
});

t.test('a resumed download is never stitched from two contents', async (t) => {
  const { ask, publish } = await scene(t);
  await publish({ 'small.zip': SMALL });
  const etag = `"${sha256(SMALL).digest('hex')}"`;
  const same = await ask('/activeupdate/small.zip', { headers: { range: 'bytes=5-', 'if-range': etag } });
  t.equal(same.status, 206);
  const changed = await ask('/activeupdate/small.zip', { headers: { range: 'bytes=5-', 'if-range': '"other"' } });
  t.equal(changed.status, 200);
  t.strictSame(await bytesOf(changed), SMALL);
});

t.test('while agents may hold an older index, a range of the new one is given only against its ETag', async (t) => {
  const { ask, publish, clock } = await scene(t);
  const askFor = (headers: Record<string, string>) => ask('/activeupdate/server.ini', { headers });
  await publish({}, INDEX);
  t.equal((await askFor({ range: 'bytes=0-4' })).status, 206, 'there is no older index to continue');
  await publish({}, `${INDEX}; the next moment\r\n`);
  const blind = await askFor({ range: 'bytes=5-' });
  t.equal(blind.status, 200, 'the two halves would pass for an index');
  t.equal((await askFor({ range: 'bytes=5-', 'if-range': String(blind.headers['ETag']) })).status, 206);
  clock.advance(30 * 60 * 1000);
  t.equal((await askFor({ range: 'bytes=5-' })).status, 206, 'nobody holds the older one any more');
});

t.test(
  'a lost, short or altered blob is 503 with Retry-After, an event, and no damage to its neighbours',
  async (t) => {
    const damages: Record<string, (file: string) => Promise<void>> = {
      lost: (file) => rm(file),
      short: (file) => writeFile(file, 'x'),
      altered: async (file) => {
        const bytes = await readFile(file);
        bytes[bytes.length - 1] = 0x00;
        await writeFile(file, bytes);
      },
    };
    for (const [damage, apply] of Object.entries(damages)) {
      for (const content of [SMALL, LARGE]) {
        const { ask, publish, fileOf, events } = await scene(t);
        const { objects } = await publish({ 'bad.zip': content, 'good.zip': 'unharmed' });
        const [bad] = objects;
        if (bad) await apply(fileOf(bad));
        for (const range of ['bytes=0-9', undefined]) {
          const answer = await ask('/activeupdate/bad.zip', { headers: { range } });
          const headers = { 'Retry-After': '60', 'X-Relay-Generation': '1' };
          t.match(answer, { status: 503, kind: 'none', headers }, `${damage}, ${content.length} bytes`);
          t.equal(errorOf(answer).error, 'RLY_OBJECT_BROKEN');
          t.notMatch(errorOf(answer).detail, /blobs/, 'no path of this machine');
        }
        t.match(events.of('blob.broken')[0], { sha256: bad?.sha256, reason: /^it / });
        t.equal((await ask('/activeupdate/good.zip')).status, 200);
      }
    }
  },
);

t.test('an index that cannot be read is 503, and served again once it can be', async (t) => {
  const { ask, publish, fileOf, events } = await scene(t);
  const { index } = await publish({}, INDEX);
  await rm(fileOf(index));
  t.equal((await ask('/activeupdate/server.ini')).status, 503);
  t.match(events.of('blob.broken'), [{ sha256: index.sha256, reason: 'it is gone' }]);
  await writeFile(fileOf(index), INDEX);
  t.equal((await ask('/activeupdate/server.ini')).status, 200);
});

/** A delivery of which nothing is asked but what is in this store. */
function deliveryOver(store: DeliveryOptions['store'], more: Partial<DeliveryOptions> = {}): Delivery {
  return createDelivery({
    store,
    clock: handClock(),
    events: recordedEvents(),
    serverSection: 'keep',
    memory: 1024,
    hot: createHotMemory(0),
    onDemand: noOnDemand,
    ...noPullThrough,
    ...more,
  });
}

t.test('an index that cannot be read is a reason to look for an update at once: no flight brings it', async (t) => {
  const { store, publish, fileOf } = await stockedStore(t);
  const { index } = await publish({ 'small.zip': SMALL });
  let looks = 0;
  const delivery = deliveryOver(store, { lookForUpdate: () => void (looks += 1) });
  await rm(fileOf(index));
  t.match(await delivery.answer(deliveryRequest('/activeupdate/server.ini')), { status: 503 });
  t.equal(looks, 1);
});

t.test('what is no failure of the disk is thrown, not passed off as one', async (t) => {
  const { store, publish } = await stockedStore(t);
  await publish({ 'small.zip': SMALL });
  const blobs = { ...store.blobs, read: () => Promise.reject(new TypeError('a bug')) };
  const events = recordedEvents();
  const delivery = deliveryOver({ ...store, blobs }, { events });
  for (const path of ['/activeupdate/small.zip', '/activeupdate/server.ini']) {
    await t.rejects(async () => delivery.answer(deliveryRequest(path)), { message: 'a bug' });
  }
  t.strictSame(events.of('blob.broken'), []);
});

t.test(
  'of each object that is asked for, its component is told; not of the index, nor of what is not listed',
  async (t) => {
    const { store, publish } = await stockedStore(t);
    const asked: string[] = [];
    const delivery = deliveryOver(store, { onAsked: (component) => void asked.push(component) });
    await publish({ 'pattern/small.zip': SMALL });
    for (const path of ['server.ini', 'pattern/small.zip', 'pattern/nothing.zip']) {
      await delivery.answer(deliveryRequest(`/activeupdate/${path}`));
    }
    t.strictSame(asked, ['P.4']);
  },
);
