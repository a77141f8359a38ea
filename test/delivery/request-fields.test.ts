import { createServer, request } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { readFields } from '../../src/delivery/request-fields.ts';

t.test('only what decides an answer is read, by its name in lower case', async (t) => {
  const raw = ['hOST', 'relay', 'User-Agent', 'a', 'RANGE', 'bytes=0-1', 'If-None-Match', '"a"', 'Via', '1.1 b'];
  t.strictSame(readFields('1.1', raw, false), { range: 'bytes=0-1', 'if-none-match': '"a"', via: '1.1 b' });
  t.strictSame(readFields('1.1', ['Host', 'relay', 'Content-Length', '0'], false), {});
});

t.test('a field that comes twice is what Node makes of it', async (t) => {
  const seen = Promise.withResolvers<Record<string, unknown>>();
  const server = createServer(({ rawHeaders, httpVersion, headers }, response) => {
    response.end();
    const ours = readFields(httpVersion, rawHeaders, false);
    seen.resolve(Object.fromEntries(Object.keys(ours).map((name) => [name, [Reflect.get(ours, name), headers[name]]])));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const fields = ['If-Match', 'If-None-Match', 'If-Range', 'Range', 'Via'].flatMap((name) => [name, 'a', name, 'b']);
  const { port } = server.address() as AddressInfo;
  const asking = request({ port, host: '127.0.0.1', headers: ['Host', 'relay', ...fields] }).end();
  const [response] = await once(asking, 'response');
  response.resume();
  const found = await seen.promise;
  t.equal(Object.keys(found).length, 5);
  for (const [name, both] of Object.entries(found)) t.strictSame(both, ['a, b', 'a, b'], name);
});
