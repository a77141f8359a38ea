import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { openConnection } from '../../bench/load/connection.ts';
import { fetchObject } from '../../bench/load/fetch-object.ts';
import { startOrigin } from '../../bench/origin/origin-server.ts';
import { writeSite } from '../../bench/site/write-site.ts';

const SIZE = 1_000_000;

const root = t.testdir();
const site = await writeSite(root, [{ path: 'pattern/a.zip', size: SIZE }]);
const [path = ''] = site.paths;
const bytes = await (async () => {
  const pieces: Buffer[] = [];
  const origin = await startOrigin({ root, host: '127.0.0.1' });
  t.teardown(() => origin.close());
  const connection = openConnection(origin.port);
  await connection.get(path, { onBody: (piece) => pieces.push(Buffer.from(piece)) });
  connection.close();
  return Buffer.concat(pieces);
})();

t.test('a connection takes one answer after the other, whole, partial and empty', async (t) => {
  const origin = await startOrigin({ root, host: '127.0.0.1' });
  t.teardown(() => origin.close());
  const connection = openConnection(origin.port);
  t.teardown(() => connection.close());
  const whole = await connection.get(path);
  t.match(whole, { status: 200, length: SIZE, bytes: SIZE });
  t.match(await connection.get(path, { headers: { Range: 'bytes=10-19' } }), { status: 206, bytes: 10 });
  t.match(await connection.get(path, { headers: { 'If-None-Match': whole.etag ?? '' } }), { status: 304, bytes: 0 });
  t.match(await connection.get('/activeupdate/none'), { status: 404, bytes: 0 });
  t.ok(connection.alive);
  t.match(origin.counts(), { requests: 4, bodyBytes: SIZE + 10, open: 0 });
});

t.test('an agent whose answer is cut resumes, and has every byte', async (t) => {
  const origin = await startOrigin({ root, host: '127.0.0.1' });
  t.teardown(() => origin.close());
  origin.reset(0.5);
  const agent = { port: origin.port, localAddress: '127.0.0.1', patience: 10_000 };
  const fetched = await fetchObject(agent, { path, range: null }, SIZE, bytes);
  t.match(fetched, { whole: true, wrong: false, bytes: SIZE, tries: 2 });
  t.equal(origin.counts().bodyBytes, SIZE, 'the origin sent no byte twice');
});

t.test('a wrong byte is seen', async (t) => {
  const server = createServer((_, response) => response.end(Buffer.from(bytes).fill(1, 500, 501)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const agent = { port: (server.address() as AddressInfo).port, localAddress: '127.0.0.1', patience: 10_000 };
  t.match(await fetchObject(agent, { path, range: null }, SIZE, bytes), { whole: false, wrong: true });
});

t.test('a line lets no more pass than its rate', async (t) => {
  const origin = await startOrigin({ root, host: '127.0.0.1', bytesPerSecond: 5 * SIZE });
  t.teardown(() => origin.close());
  const connection = openConnection(origin.port);
  t.teardown(() => connection.close());
  const { firstByteAt, endedAt } = await connection.get(path);
  t.ok(endedAt - (firstByteAt ?? 0) > 170, 'a MB at 5 MB/s takes 200 ms but for its first piece');
});
