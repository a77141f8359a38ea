import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { systemClock } from '../../src/ports/clock.ts';
import { get } from '../support/exchange.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { asking, catalogue, office, PATTERN, RELEASE, second, SIZE, TRUTH } from '../support/on-demand-office.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';

const HALF = SIZE >> 1;

t.test('a generation is published without what comes on demand', async (t) => {
  const { relay, asked, lab } = await office(t);
  const { objects, onDemand } = relay.store.generations.current() ?? { objects: [], onDemand: [] };
  t.match(onDemand, [{ path: PATTERN, size: SIZE, component: 'P.4' }]);
  t.notOk(objects.some(({ path }) => path === PATTERN));
  t.ok(
    objects.some(({ path }) => path === 'pattern/vsapi985.sig'),
    'its signature is here',
  );
  t.equal(asked().length, 0);
  t.equal(lab.requests.length, 0);
});

t.test('fifty agents at once cost one download; afterwards it is a hit', async (t) => {
  const { relay, ask, asked, lab } = await office(t);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
  for (const { status, body, headers } of answers) {
    t.equal(status, 200);
    t.ok(body.equals(TRUTH));
    t.equal(headers['content-length'], String(SIZE));
    t.match(headers['etag'], /^"[0-9a-f]{32}"$/);
  }
  const statuses = answers.map(({ headers }) => headers['cache-status']);
  t.equal(statuses.filter((value) => value === 'relay; fwd=miss; stored').length, 1);
  t.equal(statuses.filter((value) => value === 'relay; fwd=miss; collapsed').length, 49);
  t.match(asked(), [{ status: 200, bytes: SIZE }]);
  t.equal(asked().length, 1);

  const hit = await ask();
  t.ok(hit.body.equals(TRUTH));
  t.equal(hit.headers['cache-status'], 'relay; hit');
  t.match(hit.headers['repr-digest'], /^sha-256=/);
  t.equal(asked().length, 1);
  t.equal(lab.bytesSent, SIZE, 'its index was asked for with conditions only');
  t.match(relay.events.of('flight.started'), [{ path: PATTERN, bytes: SIZE }]);
  t.match(relay.events.of('flight.landed'), [{ path: PATTERN, bytes: SIZE, source: lab.componentsUrl }]);
});

t.test('agents get the bytes as they come, and the end when the whole is proven', async (t) => {
  const { relay, lab, asked } = await office(t);
  lab.faults.on({ kind: 'slow', bytesPerSecond: 4_000_000, match: PATTERN });
  const asking = httpGet(`${relay.agentsUrl}/activeupdate/${PATTERN}`);
  const [response]: IncomingMessage[] = await once(asking, 'response');
  if (!response) throw new Error('no response');
  await once(response, 'data');
  t.ok((asked()[0]?.bytes ?? SIZE) < SIZE, 'the source is still sending');
  await buffer(response);
  t.ok(response.complete);
});

t.test('the download goes on when the agent that began it leaves', async (t) => {
  const { relay, lab, ask, asked } = await office(t);
  lab.faults.on({ kind: 'slow', bytesPerSecond: 20_000_000, match: PATTERN });
  const asking = httpGet(`${relay.agentsUrl}/activeupdate/${PATTERN}`);
  const [response]: IncomingMessage[] = await once(asking, 'response');
  response?.destroy();
  await relay.events.nth('flight.landed', 1);
  t.ok((await ask()).body.equals(TRUTH));
  t.equal(asked().length, 1);
});

t.test('ranges of what is coming: near, far, several, none', async (t) => {
  // On a clock that stands still it comes so fast that nobody is far ahead of it.
  const { ask, asked, lab } = await office(t, {}, { clock: { ...systemClock, monotonic: () => 0 } });
  lab.faults.on({ kind: 'slow', bytesPerSecond: 20_000_000, match: PATTERN });
  const [near, far, tail, several, beyond] = await Promise.all(
    ['bytes=0-9', `bytes=${HALF}-${HALF + 99}`, 'bytes=-10', `bytes=5-9,${HALF}-${HALF}`, `bytes=${SIZE}-`].map(
      (range) => ask({ range }),
    ),
  );
  t.match({ status: near?.status, body: near?.body }, { status: 206, body: TRUTH.subarray(0, 10) });
  t.match({ status: far?.status, body: far?.body }, { status: 206, body: TRUTH.subarray(HALF, HALF + 100) });
  t.match({ status: tail?.status, body: tail?.body }, { status: 206, body: TRUTH.subarray(-10) });
  t.equal(several?.status, 206);
  t.match(several?.headers['content-type'], /^multipart\/byteranges; boundary=[0-9a-f]{32}$/);
  t.match(
    { status: beyond?.status, range: beyond?.headers['content-range'] },
    { status: 416, range: `bytes */${SIZE}` },
  );
  t.equal(asked().length, 1);
});

t.test('a range far ahead of what comes slowly has a request of its own, and its bytes come once', async (t) => {
  const { relay, ask, asked, lab } = await office(t);
  lab.faults.on({ kind: 'slow', bytesPerSecond: 4_000_000, match: PATTERN });
  lab.faults.on({ kind: 'slow', bytesPerSecond: 300_000, match: PATTERN, times: 1 });
  lab.faults.on({ kind: 'torn', after: 450_000, match: PATTERN, times: 1 });
  const whole = ask();
  await relay.events.nth('flight.started', 1);
  const far = await ask({ range: `bytes=${HALF}-` });
  t.equal(far.status, 206);
  t.ok(far.body.equals(TRUTH.subarray(HALF)));
  t.ok((await whole).body.equals(TRUTH));
  await relay.events.nth('flight.landed', 1);
  t.strictSame(
    asked()
      .map(({ range }) => range)
      .slice(0, 2),
    [null, `bytes=${HALF}-`],
  );
  const crossed = asked().reduce((sum, { bytes }) => sum + bytes, 0);
  t.ok(crossed < SIZE + 1_000_000, `${crossed - SIZE} bytes too many: what was on its way when the two met`);
  t.ok((await ask()).body.equals(TRUTH));
});

t.test('HEAD says what a GET would, and fetches nothing', async (t) => {
  const { relay, lab } = await office(t);
  const port = Number(new URL(relay.agentsUrl).port);
  const { status, headers, body } = await get(port, `/activeupdate/${PATTERN}`, { method: 'HEAD' });
  t.match(
    { status, length: headers['content-length'], ranges: headers['accept-ranges'] },
    { status: 200, length: String(SIZE), ranges: 'bytes' },
  );
  t.equal(body.length, 0);
  const other = { 'If-Match': '"of a copy that somebody has"' };
  t.equal((await get(port, `/activeupdate/${PATTERN}`, { method: 'HEAD', headers: other })).status, 412);
  t.equal(lab.requests.length, 0);
});

t.test('a source that is cut half-way is asked for the rest, and the agents notice the pause alone', async (t) => {
  const { lab, ask, asked } = await office(t);
  lab.faults.on({ kind: 'torn', after: HALF, match: PATTERN, times: 1 });
  const answers = await Promise.all([ask(), ask(), ask()]);
  for (const { body } of answers) t.ok(body.equals(TRUTH));
  const [cut, rest, ...more] = asked();
  t.equal(more.length, 0);
  t.match(rest, { status: 206 });
  t.ok(
    (cut?.bytes ?? 0) + (rest?.bytes ?? 0) < 1.1 * SIZE,
    'what was on the way when the line was cut is all that came twice',
  );
});

t.test(
  'a source that dies half-way is replaced by another: a ZIP goes on where it was, in the same answers',
  async (t) => {
    const { other, settings } = await second(t);
    const { lab, ask, relay } = await office(t, settings);
    other.reset();
    other.faults.on({ kind: 'reset', after: HALF, match: PATTERN });
    const answers = await Promise.all([ask(), ask()]);
    for (const { body } of answers) t.ok(body.equals(TRUTH));
    t.match(relay.events.of('flight.landed'), [{ source: lab.componentsUrl }]);
    t.strictSame(relay.events.of('flight.discarded'), []);
    const fromOther = other.requests.filter(({ path }) => path === PATTERN);
    t.ok(fromOther.length > 1, 'it was asked again before it was given up');
    const rest = lab.requests.filter(({ path }) => path === PATTERN);
    t.match(rest, [{ status: 206, range: /^bytes=[1-9]\d*-$/ }]);
  },
);

t.test('a source with wrong bytes: agents are cut, never served; the next source makes it good', async (t) => {
  const { other, settings } = await second(t);
  const { ask, relay, lab } = await office(t, settings);
  other.faults.on({ kind: 'wrongBytes', match: PATTERN });
  await t.rejects(ask(), { code: 'ECONNRESET' }, 'it had bytes of the wrong one');
  await relay.events.nth('flight.landed', 1);
  t.match(relay.events.of('object.failed'), [{ source: other.componentsUrl, error: /^RLY_ARCHIVE_DAMAGED/ }]);
  t.match(relay.events.of('flight.discarded'), [{ path: PATTERN, bytes: SIZE }]);
  t.match(relay.events.of('flight.landed'), [{ source: lab.componentsUrl }]);
  t.ok((await ask()).body.equals(TRUTH));

  t.test('a range that is bound to nothing gets the whole then, for its first half may be the wrong one', async (t) => {
    await t.test('while it is a hit', async (t) => {
      const { status, body, headers } = await ask({ range: `bytes=${HALF}-` });
      t.equal(status, 200);
      t.ok(body.equals(TRUTH));
      const bound = await ask({ range: `bytes=${HALF}-`, 'if-range': String(headers['etag']) });
      t.equal(bound.status, 206);
    });
  });
});

t.test('the only source has wrong bytes: 503 from then on, at once, and nothing is stored', async (t) => {
  const { lab, ask, relay, asked } = await office(t);
  lab.faults.on({ kind: 'wrongBytes', match: PATTERN });
  await t.rejects(ask(), { code: 'ECONNRESET' });
  await relay.events.nth('flight.failed', 1);
  t.match(relay.events.of('flight.failed'), [{ path: PATTERN, error: /^RLY_ARCHIVE_DAMAGED/ }]);
  const { status, headers, body } = await ask();
  t.match({ status, retry: headers['retry-after'] }, { status: 503, retry: /^\d+$/ });
  t.match(JSON.parse(body.toString()), { error: 'RLY_OBJECT_NOT_YET' });
  t.equal(asked().length, 1, 'it is not fetched again for nothing');
  t.strictSame(relay.store.fills.list(), []);
  t.equal(relay.store.usage().reserved, 0);
});

t.test('an agent that was cut off goes on with If-Range when the object is home', async (t) => {
  const { relay, ask, lab } = await office(t);
  lab.faults.on({ kind: 'slow', bytesPerSecond: 20_000_000, match: PATTERN });
  const asking = httpGet(`${relay.agentsUrl}/activeupdate/${PATTERN}`);
  const [response]: IncomingMessage[] = await once(asking, 'response');
  const etag = String(response?.headers['etag']);
  const [first]: Buffer[] = response ? await once(response, 'data') : [];
  response?.destroy();
  await relay.events.nth('flight.landed', 1);
  const from = first?.length ?? 0;
  const rest = await ask({ range: `bytes=${from}-`, 'if-range': etag });
  t.equal(rest.status, 206);
  t.ok(Buffer.concat([first ?? Buffer.alloc(0), rest.body]).equals(TRUTH));
  t.equal((await ask({ 'if-none-match': etag })).status, 304);
  t.equal(
    (await ask({ range: 'bytes=5-', 'if-range': `"${'0'.repeat(32)}"` })).status,
    200,
    'another take is another content',
  );
});

t.test('a source that is down costs an agent no waiting', async (t) => {
  const { lab, ask, relay } = await office(t);
  await lab.close();
  const { status } = await ask();
  t.equal(status, 503);
  await relay.events.nth('flight.failed', 1);
  const again = await ask();
  t.match(JSON.parse(again.body.toString()), { error: 'RLY_OBJECT_NOT_YET', detail: /failed moments ago/ });
  const port = Number(new URL(relay.agentsUrl).port);
  const head = await get(port, `/activeupdate/${PATTERN}`, { method: 'HEAD' });
  t.equal(head.status, 503, 'and a HEAD promises nothing else');
  t.equal(relay.events.of('flight.started').length, 1, 'and nothing is begun for nothing');
});

t.test('the source has moved on: 503, and an update looks at once', async (t) => {
  const { lab, ask, relay } = await office(t);
  lab.publish(catalogue.release(2));
  const { status, body } = await ask();
  t.equal(status, 503);
  t.match(JSON.parse(body.toString()), { error: 'RLY_OBJECT_MOVED_ON' });
  await relay.events.nth('update.published', 2);
  t.equal(relay.store.generations.current()?.number, 2);
});

t.test('a release that begins under way is noticed before the end leaves', async (t) => {
  const { lab, relay, ask } = await office(t);
  lab.faults.on({ kind: 'slow', bytesPerSecond: 20_000_000, match: PATTERN });
  const answer = ask();
  await relay.events.nth('flight.started', 1);
  while (lab.requests.every(({ path, status }) => path !== PATTERN || status === null)) await delay(1);
  lab.publish(catalogue.release(2));
  await t.rejects(answer, { code: 'ECONNRESET' });
  t.match(await relay.events.nth('flight.failed', 1), { error: /^RLY_OBJECT_MOVED_ON/ });
});

t.test('a download that nobody finished is gone on with after a restart', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: RELEASE });
  const env = {
    ...(await relayEnv(t, lab.url)),
    RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '64KiB',
    RELAY_MIRROR__ITEMS__PROGRAMS: 'false',
  };
  const options = { limits: { tries: 1 }, drain: 0 };
  await t.test('the source dies half-way', async (t) => {
    const relay = await relayFor(t, env, options);
    await relay.mirror.update('administrator');
    lab.faults.on({ kind: 'torn', after: HALF, match: PATTERN, times: 1 });
    const answer = asking(relay, lab).ask();
    answer.catch(() => {});
    await relay.events.nth('object.failed', 1);
    // It stays away for longer than the relay is there.
    const back = lab.faults.on({ kind: 'reset', match: PATTERN });
    await relay.close('a restart');
    await t.rejects(answer, { code: 'ECONNRESET' });
    back();
  });
  lab.reset();
  const relay = await relayFor(t, env, options);
  t.match(relay.events.of('store.recovered'), [{ parts: 1 }]);
  const { ask, asked } = asking(relay, lab);
  t.ok((await ask()).body.equals(TRUTH));
  t.match(asked(), [{ status: 206, range: /^bytes=[1-9]\d*-$/ }]);
  t.ok((asked()[0]?.bytes ?? SIZE) <= SIZE - HALF + 100_000, 'the half that was here did not come again');
});
