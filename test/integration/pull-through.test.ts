import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { blobFile } from '../storage/store-folder.ts';
import { parseByteranges } from '../support/byteranges.ts';
import { get, type HttpAnswer } from '../support/exchange.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from '../support/relay-for.ts';
import { steppedClock, type SteppedClock } from '../support/stepped-clock.ts';

// The 64-bit hot fix has 0.9 MB then.
const catalogue = createCatalogue({ shape: 'small', scale: 0.1 });
const RELEASE = catalogue.release(1);
const FIX = 'hotfix_pccnt/x64/guard_x64.zip';
const TRUTH = await RELEASE.file(FIX);
const SIZE = TRUTH.length;
const HALF = SIZE >> 1;
const SERVER_TREE = `/officescan/${FIX}`;
const AGENT_TREE = `/activeupdate/OfficeScan/${FIX}`;

interface Office {
  readonly relay: TestRelay;
  readonly lab: LabServer;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: SteppedClock;
  ask(path?: string, headers?: Record<string, string>, method?: string): Promise<HttpAnswer>;
}

/** A relay of which nothing is asked but what no index lists; its clock is moved by hand. */
async function office(t: Test, settings: Readonly<Record<string, string>> = {}): Promise<Office> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: RELEASE });
  // No release is mirrored meanwhile: none is needed.
  lab.faults.on({ kind: 'status', status: 404, match: 'server.ini' });
  const env = { ...(await relayEnv(t, lab.url)), ...settings };
  const clock = steppedClock();
  const relay = await relayFor(t, env, { clock, limits: { tries: 1 } });
  await relay.events.nth('relay.started', 1);
  return { relay, lab, env, clock, ask: asker(relay) };
}

function asker({ agentsUrl }: TestRelay): Office['ask'] {
  const port = Number(new URL(agentsUrl).port);
  return (path = SERVER_TREE, headers = {}, method = 'GET') => get(port, path, { headers, method });
}

/** The answer to a request, once its first bytes have come. */
async function follow(url: string): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(httpGet(url), 'response');
  if (!response) throw new Error('no response');
  await once(response, 'readable');
  return response;
}

/** What the lab was asked for, other than by the mirror. */
const pulledFrom = ({ requests }: LabServer) => requests.filter(({ path }) => /hotfix|ofcscan/i.test(path));

t.test('fifty agents cost one download; both trees are one copy, with ranges and validators', async (t) => {
  const { lab, ask, relay } = await office(t);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n % 2 ? SERVER_TREE : AGENT_TREE)));
  for (const { status, body, headers } of answers) {
    t.equal(status, 200);
    t.ok(body.equals(TRUTH));
    t.equal(headers['content-length'], String(SIZE));
    t.match(headers['etag'], /^"[0-9a-f]{32}"$/);
    t.equal(headers['x-relay-generation'], '0', 'no release is needed for it');
    t.match(headers['cache-control'], /^max-age=\d+$/);
  }
  const status = answers.map(({ headers }) => String(headers['cache-status']).replace(/ttl=\d+/, 'ttl'));
  t.equal(status.filter((value) => value === 'relay; fwd=uri-miss; fwd-status=200; ttl; stored').length, 1);
  t.equal(status.filter((value) => value === 'relay; fwd=uri-miss; fwd-status=200; ttl; stored; collapsed').length, 49);
  t.match(pulledFrom(lab), [{ path: FIX, status: 200, bytes: SIZE }]);
  t.equal(pulledFrom(lab).length, 1);

  const hit = await ask(AGENT_TREE.toUpperCase());
  t.ok(hit.body.equals(TRUTH));
  t.match(hit.headers['cache-status'], /^relay; hit; ttl=86\d\d\d$/, 'a file that old is fresh for a day');
  t.match(hit.headers['etag'], /^"[0-9a-f]{64}"$/);
  t.match(hit.headers['repr-digest'], /^sha-256=/);
  const etag = String(hit.headers['etag']);
  const head = await ask(SERVER_TREE, {}, 'HEAD');
  t.match(head, { status: 200, headers: { etag, 'content-length': String(SIZE), 'accept-ranges': 'bytes' } });
  t.equal(head.body.length, 0);

  const range = await ask(SERVER_TREE, { range: `bytes=${HALF}-` });
  t.equal(range.status, 206);
  t.ok(range.body.equals(TRUTH.subarray(HALF)));
  const several = await ask(SERVER_TREE, { range: 'bytes=0-9,1000-1999,-7' });
  t.strictSame(
    parseByteranges(String(several.headers['content-type']), several.body).map(({ data }) => data),
    [TRUTH.subarray(0, 10), TRUTH.subarray(1000, 2000), TRUTH.subarray(-7)],
  );
  t.equal((await ask(SERVER_TREE, { range: `bytes=${SIZE}-` })).status, 416);
  t.equal((await ask(SERVER_TREE, { 'if-none-match': etag })).status, 304);
  t.equal((await ask(SERVER_TREE, { range: 'bytes=1-', 'if-range': '"another"' })).status, 200);
  const take = String(answers[0]?.headers['etag']);
  t.equal((await ask(SERVER_TREE, { 'if-none-match': take })).status, 304, 'what was got while it came is known');
  t.equal((await ask(SERVER_TREE, { range: `bytes=${HALF}-`, 'if-range': take })).status, 206);
  t.equal(pulledFrom(lab).length, 1, 'all of it from here');
  t.match(
    relay.upstream.received.rows().find(({ kind }) => kind === 'programs'),
    { source: lab.url, bytes: SIZE },
  );
});

t.test('an agent’s no-cache, cookies and name mean nothing upstream', async (t) => {
  const { lab, ask } = await office(t);
  const sent = { 'cache-control': 'no-cache', pragma: 'no-cache', cookie: 'a=b', 'user-agent': 'agent/1', 'x-up': '1' };
  await ask(SERVER_TREE, sent);
  await ask(SERVER_TREE, sent);
  const asked = pulledFrom(lab);
  t.equal(asked.length, 1);
  t.strictSame(Object.keys(asked[0]?.headers ?? {}).sort(), [
    'accept-encoding',
    'connection',
    'host',
    'user-agent',
    'via',
  ]);
  t.equal(asked[0]?.headers['user-agent'], 'update-agent-relay');
});

t.test('HEAD brings it here, as who asks so is about to ask for it', async (t) => {
  const { lab, ask } = await office(t);
  const head = await ask(SERVER_TREE, {}, 'HEAD');
  t.match(head, { status: 200, headers: { 'content-length': String(SIZE) } });
  t.equal(head.body.length, 0);
  t.ok((await ask()).body.equals(TRUTH));
  t.equal(pulledFrom(lab).length, 1);
});

t.test('agents follow the download as it comes', async (t) => {
  const { relay, lab } = await office(t);
  lab.faults.on({ kind: 'slow', bytesPerSecond: 2_000_000, match: FIX });
  const response = await follow(`${relay.agentsUrl}${SERVER_TREE}`);
  t.ok((pulledFrom(lab)[0]?.bytes ?? SIZE) < SIZE, 'the source is still sending');
  await buffer(response);
  t.ok(response.complete);
});

for (const kind of ['torn', 'reset'] as const) {
  t.test(`a source that is ${kind} half way: agents are cut, nothing is kept, and the next ask succeeds`, async (t) => {
    const { relay, lab, clock, ask } = await office(t);
    const followed = Promise.withResolvers<void>();
    lab.faults.on({ kind, after: HALF, when: followed.promise, match: FIX, times: 1 });
    const agents = await Promise.all(Array.from({ length: 5 }, () => follow(`${relay.agentsUrl}${SERVER_TREE}`)));
    followed.resolve();
    const results = await Promise.allSettled(agents.map((agent) => buffer(agent)));
    for (const result of results) t.match(result, { reason: { code: 'ECONNRESET' } });
    t.strictSame(relay.store.responses.list(), []);
    // Told when whoever was gathering bytes for the next write has seen it.
    await relay.events.nth('agent.answered', agents.length);
    t.match(relay.events.of('agent.answered')[0], { kind: 'hotfix', status: 200, length: SIZE });
    t.ok(relay.events.of('agent.answered').every(({ bytes }) => Number(bytes) < SIZE));
    t.equal((await ask()).status, 503, 'a moment of rest');
    clock.advance(11_000);
    const blind = await ask(SERVER_TREE, { range: `bytes=${HALF}-` });
    t.equal(blind.status, 200, 'a half that nothing names is not joined with this one');
    t.ok(blind.body.equals(TRUTH));
  });
}

t.test('a source without length or chunks that dies gives nobody half a file for the whole', async (t) => {
  const { lab, ask } = await office(t);
  lab.faults.on({ kind: 'torn', after: HALF, length: false, match: FIX });
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask()));
  for (const { status, headers } of answers) {
    t.equal(status, 503);
    t.match(headers['retry-after'], /^\d+$/);
  }
});

t.test('a login page is no hot fix', async (t) => {
  const { lab, ask, relay } = await office(t);
  lab.faults.on({ kind: 'portal', match: FIX });
  const { status, body } = await ask();
  t.equal(status, 503);
  t.match(JSON.parse(body.toString()), { error: 'RLY_PULL_FAILED', detail: /web page/ });
  t.strictSame(relay.store.responses.list(), []);
});

t.test('the copy outlives its source, and is asked about when that is back', async (t) => {
  const { lab, clock, ask } = await office(t);
  const { headers } = await ask();
  clock.advance(25 * 60 * 60_000);
  const off = lab.faults.on({ kind: 'status', status: 503, match: FIX });
  const stale = await ask();
  t.ok(stale.body.equals(TRUTH));
  t.match(stale.headers['cache-status'], /^relay; hit; ttl=-\d+; detail=RLY_PULL_FAILED$/);
  t.equal(stale.headers['cache-control'], 'max-age=0');
  off();
  clock.advance(11_000);
  const renewed = await ask();
  t.match(renewed.headers['cache-status'], /^relay; fwd=stale; fwd-status=304; ttl=86\d\d\d$/);
  t.equal(renewed.headers['etag'], stale.headers['etag']);
  t.not(renewed.headers['etag'], headers['etag'], 'the first came with the name of its take');
  t.equal(pulledFrom(lab).at(-1)?.bytes, 0);
});

t.test('what is in no tree, or climbs, is refused and costs no request', async (t) => {
  const { relay, lab, ask } = await office(t);
  lab.faults.clear();
  await relay.mirror.update('administrator');
  for (const [path, status] of [
    ['/officescan/hotfix_other/a.exe', 404],
    ['/officescan/cgi/isapiclient.dll', 404],
    ['/activeupdate/hotfix_pccnt/a.exe', 404],
    ['/activeupdate/Branch/ofcscan.ini', 404],
    ['/officescan/hotfix_pccnt/a%3Ab', 404],
    ['/officescan/hotfix_pccnt/%2e%2e/web.config', 400],
    ['/officescan/hotfix_pccnt/..%5cweb.config', 400],
  ] as const) {
    t.equal((await ask(path)).status, status, path);
  }
  t.strictSame(pulledFrom(lab), []);
});

t.test('a hundred agents that ask for what is not there cost one request', async (t) => {
  const { lab, ask } = await office(t);
  const path = '/officescan/hotfix_pccnt/gone.exe';
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(path)));
  for (const { status, body } of [...answers, await ask(path)]) {
    t.equal(status, 404);
    t.match(JSON.parse(body.toString()), { error: 'RLY_PULL_ABSENT' });
  }
  t.equal(pulledFrom(lab).length, 1);
});

t.test('hot fixes are off where programs are', async (t) => {
  const { relay, lab, ask } = await office(t, { RELAY_MIRROR__ITEMS__PROGRAMS: 'false' });
  lab.faults.clear();
  await relay.mirror.update('administrator');
  for (const path of [SERVER_TREE, AGENT_TREE, '/officescan/download/hotfixNT.txt']) {
    const { status, body } = await ask(path);
    t.equal(status, 404);
    t.match(JSON.parse(body.toString()), { error: 'RLY_NOT_LISTED' });
  }
  t.strictSame(pulledFrom(lab), []);
});

t.test('the lists of hot-fix modules come from beside the components', async (t) => {
  const { lab, ask } = await office(t);
  const truth = await RELEASE.file('hotfixNT_x64.txt');
  t.strictSame((await ask('/officescan/download/hotfixNT_x64.txt')).body, truth);
  t.strictSame((await ask('/activeupdate/HotfixNT_x64.TXT')).body, truth);
  t.match(pulledFrom(lab), [{ path: 'hotfixNT_x64.txt', status: 200 }]);
  t.equal(pulledFrom(lab).length, 1);
});

t.test('a restart keeps the copy; one that is damaged comes anew in the same request', async (t) => {
  const { relay, lab, env, ask } = await office(t);
  await ask();
  await relay.close('a restart');
  const again = await relayFor(t, env, { limits: { tries: 1 } });
  const hit = await asker(again)();
  t.match(hit.headers['cache-status'], /^relay; hit/);
  t.ok(hit.body.equals(TRUTH));
  t.equal(pulledFrom(lab).length, 1);
  await again.close('another');

  const [copy] = relay.store.responses.list();
  writeFileSync(blobFile(String(env['RELAY_STORAGE__PATH']), copy?.sha256 ?? ''), Buffer.alloc(SIZE));
  const third = await relayFor(t, env, { limits: { tries: 1 } });
  const healed = await asker(third)();
  t.equal(healed.status, 200);
  t.ok(healed.body.equals(TRUTH));
  t.match(third.events.of('blob.broken'), [{ sha256: copy?.sha256 }]);
  t.equal(pulledFrom(lab).length, 2);
});

t.test('what an administrator sees of a hot fix', async (t) => {
  const { relay, lab, ask } = await office(t);
  const explained = async () => {
    const answer = await fetch(`${relay.adminUrl}/api/v1/explain?path=${encodeURIComponent(AGENT_TREE)}`);
    return answer.json();
  };
  t.match(await explained(), { path: FIX, kind: 'hotfix', state: 'absent', sha256: null });
  await ask();
  await ask();
  t.match(await explained(), {
    path: FIX,
    kind: 'hotfix',
    state: 'fresh',
    size: SIZE,
    source: lab.url,
    proof: 'structure',
  });
  const metrics = await (await fetch(`${relay.adminUrl}/metrics`)).text();
  t.match(metrics, `relay_upstream_bytes_total{source="${lab.url}",kind="programs"} ${SIZE}`);
  t.match(metrics, `relay_agent_bytes_total{kind="hotfix",cache="miss"} ${SIZE}`);
  t.match(metrics, `relay_agent_bytes_total{kind="hotfix",cache="hit"} ${SIZE}`);
  t.match(relay.events.of('agent.answered').at(-1), { path: SERVER_TREE, kind: 'hotfix', cache: 'hit' });
});

t.test('a relay below a relay has hot fixes and settings from there', async (t) => {
  const switches = {
    RELAY_MIRROR__ITEMS__DOMAIN_SETTINGS: 'true',
    RELAY_MIRROR__DOMAINS: 'Branch',
    RELAY_AGENTS__ALLOW_PLAIN: 'true',
  };
  const { relay: upper, lab } = await office(t, switches);
  lab.faults.clear();
  await upper.mirror.update('administrator');
  const lower = await relayFor(t, {
    ...(await relayEnv(t, lab.url)),
    ...switches,
    RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'false',
    RELAY_SOURCES__CUSTOMIZED: JSON.stringify([{ url: `${upper.agentsUrl}/activeupdate` }]),
  });
  const ask = asker(lower);
  t.ok((await ask()).body.equals(TRUTH));
  t.match((await ask()).headers['cache-status'], /^relay; hit; ttl=86\d\d\d$/, 'fresh as long as it is above');
  for (let n = 0; n < 2; n += 1) {
    const settings = await ask('/activeupdate/Branch/ofcscan.ini');
    t.strictSame(settings.body, await RELEASE.file('Branch/ofcscan.ini'));
  }
  t.match(
    pulledFrom(lab).map(({ path, status }) => [path, status]),
    [
      [FIX, 200],
      ['Branch/ofcscan.ini', 200],
      ['Branch/ofcscan.ini', 304],
    ],
  );
  const upwards = upper.events
    .of('agent.answered')
    .filter(({ kind }) => kind === 'hotfix' || kind === 'domain-settings');
  t.match(
    upwards.map(({ status }) => status),
    [200, 200, 304],
  );
});
