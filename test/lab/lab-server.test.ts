import t from 'tap';
import { createCatalogue, type Release } from '../../src/lab/release.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { rawRequest } from '../support/raw-request.ts';

const catalogue = createCatalogue({ shape: 'small' });
const first = catalogue.release(1);
const second = catalogue.release(2);

async function isFrom(release: Release, path: string, body: Buffer): Promise<boolean> {
  return body.equals(await release.file(path));
}

t.test('every file of a release is served, byte for byte', async (t) => {
  const server = await labServerFor(t, { kind: 'officeScanServer', release: first });
  for (const { path, size, etag } of first.files.values()) {
    const base = path.startsWith('hotfix_') ? server.url : server.componentsUrl;
    const { status, headers, body } = await rawRequest(`${base}/${path}`);
    t.equal(status, 200, path);
    t.equal(headers.get('content-length'), String(size));
    t.equal(headers.get('etag'), etag);
    t.ok(await isFrom(first, path, body));
  }
});

t.test('both kinds of server have an address and a base for components', async (t) => {
  const office = await labServerFor(t, { kind: 'officeScanServer' });
  const vendor = await labServerFor(t, { kind: 'activeUpdate' });
  t.match(office.url, /^http:\/\/127\.0\.0\.1:\d+\/officescan$/);
  t.equal(office.componentsUrl, `${office.url}/download`);
  t.match(vendor.url, /^http:\/\/127\.0\.0\.1:\d+\/activeupdate$/);
  t.equal(vendor.componentsUrl, vendor.url);
  t.not(new URL(office.url).port, new URL(vendor.url).port);
});

t.test('case does not matter', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate', release: first });
  const { body } = await rawRequest(`${server.url}/Pattern/V_983.985`);
  t.ok(await isFrom(first, 'pattern/v_983.985', body));
  t.equal(server.requests[0]?.path, 'pattern/v_983.985', 'the log names it as the index does');
});

t.test('what is not there is 404, and everything is before the first release', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate' });
  t.equal((await rawRequest(`${server.url}/server.ini`)).status, 404);
  server.publish(first);
  t.equal((await rawRequest(`${server.url}/server.ini`)).status, 200);
  for (const path of [
    'ini_xml.zip',
    'product/guard_common.zip',
    'Branch/ofcscan.ini',
    'hotfix_pccnt/x64/guard_x64.zip',
  ]) {
    t.equal((await rawRequest(`${server.url}/${path}`)).status, 404, path);
  }
  t.equal((await rawRequest(`${new URL(server.url).origin}/elsewhere`)).status, 404);
  t.equal(server.requests.at(-1)?.path, '/elsewhere');
});

t.test('only GET and HEAD are answered, and HEAD without a body', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate', release: first });
  const post = await rawRequest(`${server.url}/server.ini`, { method: 'POST' });
  t.equal(post.status, 405);
  t.equal(post.headers.get('allow'), 'GET, HEAD');
  const head = await rawRequest(`${server.url}/server.ini`, { method: 'HEAD', headers: { Range: 'bytes=0-9' } });
  t.equal(head.status, 200);
  t.equal(head.headers.get('content-length'), String(first.index.length));
  t.equal(head.body.length, 0);
});

t.test('a range and a condition come over the wire as they should', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate', release: first });
  const url = `${server.url}/pattern/vsapi985.zip`;
  const whole = await first.file('pattern/vsapi985.zip');
  const { status, headers, body } = await rawRequest(url, { headers: { Range: 'bytes=1000-' } });
  t.equal(status, 206);
  t.equal(headers.get('content-range'), `bytes 1000-${whole.length - 1}/${whole.length}`);
  t.ok(body.equals(whole.subarray(1000)));
  const unchanged = await rawRequest(url, { headers: { 'If-None-Match': headers.get('etag') ?? '' } });
  t.equal(unchanged.status, 304);
  t.equal(unchanged.body.length, 0);
});

t.test('publish changes everything at once', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate', release: first });
  server.publish(second);
  t.ok(await isFrom(second, 'server.ini', (await rawRequest(`${server.url}/server.ini`)).body));
  t.ok(await isFrom(second, 'pattern/v_983.sig', (await rawRequest(`${server.url}/pattern/v_983.sig`)).body));
  t.equal((await rawRequest(`${server.url}/pattern/vsapi985.zip`)).status, 404);
});

t.test('while a release is slowly published, the files are new and the index is missing', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate', release: first });
  const window = server.publishSlowly(second);
  t.equal((await rawRequest(`${server.url}/server.ini`)).status, 404);
  t.ok(await isFrom(second, 'pattern/v_983.sig', (await rawRequest(`${server.url}/pattern/v_983.sig`)).body));
  window.finish();
  t.ok(await isFrom(second, 'server.ini', (await rawRequest(`${server.url}/server.ini`)).body));
});

t.test('the log tells who asked for what and how much left the house', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate', release: first });
  await rawRequest(`${server.url}/server.ini`, { headers: { 'User-Agent': 'agent/1' } });
  await rawRequest(`${server.url}/pattern/vsapi985.zip`, { headers: { Range: 'bytes=0-99' } });
  await rawRequest(`${server.url}/none`, { method: 'HEAD' });
  t.match(server.requests, [
    { method: 'GET', path: 'server.ini', range: null, status: 200, bytes: first.index.length },
    { method: 'GET', path: 'pattern/vsapi985.zip', range: 'bytes=0-99', status: 206, bytes: 100 },
    { method: 'HEAD', path: 'none', status: 404, bytes: 0 },
  ]);
  t.equal(server.requests[0]?.headers['user-agent'], 'agent/1');
  t.equal(server.bytesSent, first.index.length + 100);
  server.reset();
  t.strictSame(server.requests, []);
  t.equal(server.bytesSent, 0);
});

t.test('two servers in one process know nothing of each other', async (t) => {
  const one = await labServerFor(t, { kind: 'activeUpdate', release: first });
  const other = await labServerFor(t, { kind: 'activeUpdate', release: second });
  one.faults.on({ kind: 'status', status: 503 });
  t.equal((await rawRequest(`${one.url}/server.ini`)).status, 503);
  t.ok(await isFrom(second, 'server.ini', (await rawRequest(`${other.url}/server.ini`)).body));
  t.equal(other.requests.length, 1);
});

t.test('a file that cannot be made cuts the connection instead of ending the process', async (t) => {
  const files = new Map(first.files);
  const index = files.get('server.ini');
  if (!index) throw new Error('no index');
  files.set('server.ini', { ...index, read: () => Promise.reject(new Error('no')) });
  const server = await labServerFor(t, { kind: 'activeUpdate', release: { ...first, files } });
  t.equal((await rawRequest(`${server.url}/server.ini`)).status, 0);
});

t.test('close cuts what is still open', async (t) => {
  const server = await labServerFor(t, { kind: 'activeUpdate', release: first });
  server.faults.on({ kind: 'silent' });
  const hanging = rawRequest(`${server.url}/server.ini`);
  await t.resolveMatch(
    (async () => {
      while (server.requests.length === 0) await new Promise(setImmediate);
      await server.close();
      return hanging;
    })(),
    { status: 0 },
  );
});
