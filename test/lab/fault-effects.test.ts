import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { Fault, FaultScope } from '../../src/lab/faults.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { rawRequest, type RawResponse } from '../support/raw-request.ts';

const release = createCatalogue({ shape: 'small' }).release(1);
const path = 'pattern/vsapi985.zip';
const whole = await release.file(path);

interface Case {
  readonly server: LabServer;
  readonly get: (headers?: Record<string, string>) => Promise<RawResponse>;
}

async function under(t: Test, fault: Fault & FaultScope): Promise<Case> {
  const server = await labServerFor(t, { kind: 'activeUpdate', release });
  server.faults.on(fault);
  return { server, get: (headers = {}) => rawRequest(`${server.url}/${path}`, { headers }) };
}

t.test('torn: the right Content-Length, and the connection closed before', async (t) => {
  const { server, get } = await under(t, { kind: 'torn', after: 1000 });
  const { status, headers, body, ended } = await get();
  t.match({ status, ended }, { status: 200, ended: 'closed' });
  t.equal(headers.get('content-length'), String(whole.length));
  t.ok(body.equals(whole.subarray(0, 1000)));
  t.equal(server.bytesSent, 1000);
});

t.test('torn without a length: only the size in the index could tell', async (t) => {
  const { get } = await under(t, { kind: 'torn', after: 1000, length: false });
  const { headers, body, ended } = await get();
  t.notOk(headers.has('content-length') || headers.has('transfer-encoding'));
  t.equal(headers.get('connection'), 'close');
  t.ok(body.equals(whole.subarray(0, 1000)));
  t.equal(ended, 'closed');
});

t.test('torn counts the bytes of a range, too', async (t) => {
  const { get } = await under(t, { kind: 'torn', after: 10, times: 2 });
  const { status, body } = await get({ Range: 'bytes=500-' });
  t.equal(status, 206);
  t.ok(body.equals(whole.subarray(500, 510)));
});

t.test('torn before the headers: nothing came', async (t) => {
  const { server, get } = await under(t, { kind: 'torn' });
  t.match(await get(), { status: 0, ended: 'closed' });
  t.equal(server.requests[0]?.status, null);
});

t.test('reset: the connection dies, with a length and without', async (t) => {
  for (const length of [true, false]) {
    const { get } = await under(t, { kind: 'reset', after: 1000, length });
    const { body, ended } = await get();
    t.equal(ended, 'reset');
    t.ok(body.length <= 1000);
  }
});

t.test('reset before the headers', async (t) => {
  const { get } = await under(t, { kind: 'reset' });
  t.match(await get(), { status: 0, ended: 'reset' });
});

t.test('silent: so many bytes, and then nothing on an open connection', async (t) => {
  const { server, get } = await under(t, { kind: 'silent', after: 1000 });
  let settled = false;
  const hanging = get().finally(() => (settled = true));
  while (server.bytesSent < 1000) await setImmediate();
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
  t.notOk(settled);
  await server.close();
  t.ok((await hanging).body.equals(whole.subarray(0, 1000)));
});

t.test('slow: the body drips', async (t) => {
  const { get } = await under(t, { kind: 'slow', bytesPerSecond: whole.length * 5 });
  const start = performance.now();
  const { body } = await get();
  t.ok(performance.now() - start > 150, 'a fifth of a second for the whole, timers being what they are');
  t.ok(body.equals(whole));
});

t.test('slow ends when the client goes away', async (t) => {
  const { server } = await under(t, { kind: 'slow', bytesPerSecond: 20_000 });
  const abort = new AbortController();
  const answer = await fetch(`${server.url}/${path}`, { signal: abort.signal });
  abort.abort();
  await t.rejects(answer.arrayBuffer());
  await server.close();
  t.ok(server.bytesSent < whole.length);
});

t.test('wrongSize: more or fewer bytes, honestly announced', async (t) => {
  const longer = await (await under(t, { kind: 'wrongSize', by: 7 })).get();
  t.equal(longer.headers.get('content-length'), String(whole.length + 7));
  t.ok(longer.body.subarray(0, whole.length).equals(whole) && longer.body.length === whole.length + 7);
  const shorter = await (await under(t, { kind: 'wrongSize', by: -7 })).get();
  t.equal(shorter.headers.get('content-length'), String(whole.length - 7));
  t.ok(shorter.body.equals(whole.subarray(0, -7)));
});

t.test('wrongBytes: the right size, one bit off, and the original unharmed', async (t) => {
  const { body } = await (await under(t, { kind: 'wrongBytes' })).get();
  t.equal(body.length, whole.length);
  const different = [...body.keys()].filter((at) => body[at] !== whole[at]);
  t.strictSame(different, [whole.length >> 1]);
  t.ok(whole.equals(await createCatalogue({ shape: 'small' }).release(1).file(path)));
});

t.test('lyingLength: the announced length is not that of the body', async (t) => {
  const more = await (await under(t, { kind: 'lyingLength', by: 5 })).get();
  t.equal(more.headers.get('content-length'), String(whole.length + 5));
  t.ok(more.body.equals(whole));
  t.equal(more.ended, 'closed');
  const less = await (await under(t, { kind: 'lyingLength', by: -5 })).get();
  t.equal(less.headers.get('content-length'), String(whole.length - 5));
  t.ok(less.body.equals(whole), 'five bytes more than announced');
});

t.test('portal: a login page with status 200, whatever the client has', async (t) => {
  const { server } = await under(t, { kind: 'portal', match: 'server.ini' });
  const etag = release.files.get('server.ini')?.etag ?? '';
  const { status, headers, body } = await rawRequest(`${server.url}/server.ini`, {
    headers: { 'If-None-Match': etag },
  });
  t.equal(status, 200);
  t.equal(headers.get('content-type'), 'text/html');
  t.match(body.toString(), /^<!DOCTYPE html>/);
});

t.test('status: 429 with Retry-After the next time, 500 without for the index', async (t) => {
  const { server, get } = await under(t, { kind: 'status', status: 429, retryAfter: 120, times: 1 });
  server.faults.on({ kind: 'status', status: 500, match: 'server.ini' });
  const busy = await get();
  t.equal(busy.status, 429);
  t.equal(busy.headers.get('retry-after'), '120');
  t.equal((await get()).status, 200);
  const broken = await rawRequest(`${server.url}/server.ini`);
  t.equal(broken.status, 500);
  t.notOk(broken.headers.has('retry-after'));
});

t.test('rangesIgnored: the whole, although a part was asked for', async (t) => {
  const { get } = await under(t, { kind: 'rangesIgnored' });
  const { status, body } = await get({ Range: 'bytes=100-' });
  t.equal(status, 200);
  t.ok(body.equals(whole));
});

t.test('noValidators: nothing to make a later request conditional with', async (t) => {
  const { get } = await under(t, { kind: 'noValidators' });
  const { status, headers } = await get({ 'If-None-Match': release.files.get(path)?.etag ?? '' });
  t.equal(status, 200);
  t.notOk(headers.has('etag') || headers.has('last-modified'));
});

t.test('gzip: coded although nobody asked for it', async (t) => {
  const { get } = await under(t, { kind: 'gzip' });
  const { headers, body } = await get({ 'Accept-Encoding': 'identity' });
  t.equal(headers.get('content-encoding'), 'gzip');
  t.equal(headers.get('content-length'), String(body.length));
  t.ok(gunzipSync(body).equals(whole));
});

t.test('faults add up: a slow server that ignores ranges and tears', async (t) => {
  const { server, get } = await under(t, { kind: 'slow', bytesPerSecond: 100_000 });
  server.faults.on({ kind: 'rangesIgnored' });
  server.faults.on({ kind: 'torn', after: 2000 });
  const { status, body } = await get({ Range: 'bytes=100-' });
  t.equal(status, 200);
  t.ok(body.equals(whole.subarray(0, 2000)));
});
