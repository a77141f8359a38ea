import type { Socket } from 'node:net';
import t from 'tap';
import type { ErrorCode } from '../../src/errors/catalogue.ts';
import { eventually } from '../support/eventually.ts';
import { memorySink } from '../support/memory-sink.ts';
import { head, respond, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';
import { testUpstream } from '../support/test-upstream.ts';

/** Tight enough for a test; each try that hangs costs one of these. */
const LIMITS = { tries: 1, headers: 300, gap: 300, grace: 2000, rateWindow: 300 };

/** Writes `piece` again and again, as fast as the client takes it, until the client has had enough. */
function forEver(first: string, piece: string): Scene {
  return (_, socket) => {
    socket.write(first);
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
      socket.once('drain', more);
    };
    more();
  };
}

/** Writes a byte every few ms. */
function drip(first: string, byte: string): Scene {
  return (_, socket) => {
    socket.write(first);
    const timer = setInterval(() => socket.write(byte), 20);
    socket.on('close', () => clearInterval(timer));
  };
}

const text =
  (answer: string): Scene =>
  (_, socket: Socket) =>
    socket.end(answer);

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const withLength = (length: string): Scene => text(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nhello`);

const ANSWERS: readonly [what: string, scene: Scene, code: ErrorCode][] = [
  // Floods: what goes on for ever has to end by itself.
  [
    'informational answers without end',
    forEver('', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(100)),
    'RLY_UPSTREAM_PROTOCOL',
  ],
  ['a field without end', forEver('HTTP/1.1 200 OK\r\nX: ', 'a'.repeat(1000)), 'RLY_UPSTREAM_PROTOCOL'],
  ['fields without end', forEver('HTTP/1.1 200 OK\r\n', 'X: y\r\n'.repeat(500)), 'RLY_UPSTREAM_PROTOCOL'],
  ['a header that drips', drip('HTTP/1.1 200 OK\r\nX: ', 'a'), 'RLY_UPSTREAM_TIMEOUT'],
  ['trailers without end', forEver(`${CHUNKED}5\r\nhello\r\n0\r\n`, 'X: y\r\n'.repeat(500)), 'RLY_UPSTREAM_PROTOCOL'],
  ['a chunk extension without end', forEver(`${CHUNKED}5;`, 'a'.repeat(1000)), 'RLY_UPSTREAM_TOO_SLOW'],
  ['chunks of a byte in long extensions', drip(CHUNKED, `1;${'x'.repeat(9000)}\r\na\r\n`), 'RLY_UPSTREAM_TOO_SLOW'],
  ['chunks without end', forEver(CHUNKED, `1000\r\n${'x'.repeat(4096)}\r\n`), 'RLY_UPSTREAM_SIZE'],
  ['a chunk without end', forEver(`${CHUNKED}FFFFFFFF\r\n`, 'x'.repeat(4096)), 'RLY_UPSTREAM_SIZE'],
  // Lengths that two readers would read in two ways.
  ['a length and chunks', text(CHUNKED.replace('\r\n\r\n', '\r\nContent-Length: 3\r\n\r\n')), 'RLY_UPSTREAM_PROTOCOL'],
  ['two lengths', text('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nhello'), 'RLY_UPSTREAM_RESET'],
  ['a list of lengths', withLength('5, 5'), 'RLY_UPSTREAM_RESET'],
  ['a length with a sign', withLength('+5'), 'RLY_UPSTREAM_PROTOCOL'],
  ['a negative length', withLength('-5'), 'RLY_UPSTREAM_PROTOCOL'],
  ['a length in hexadecimal', withLength('0x5'), 'RLY_UPSTREAM_PROTOCOL'],
  ['a length beyond all numbers', withLength('9'.repeat(40)), 'RLY_UPSTREAM_RESET'],
  ['a chunk beyond all numbers', text(`${CHUNKED}${'F'.repeat(17)}\r\nhello\r\n0\r\n\r\n`), 'RLY_UPSTREAM_PROTOCOL'],
  ['a negative chunk', text(`${CHUNKED}-5\r\nhello\r\n0\r\n\r\n`), 'RLY_UPSTREAM_PROTOCOL'],
  [
    'a coding beside chunked',
    text(`HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
    'RLY_UPSTREAM_NO_LENGTH',
  ],
  [
    'chunked twice',
    text(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
    'RLY_UPSTREAM_NO_LENGTH',
  ],
  ['lines that end with LF alone', text('HTTP/1.1 200 OK\nContent-Length: 5\n\nhello'), 'RLY_UPSTREAM_PROTOCOL'],
  ['a folded field', text('HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello'), 'RLY_UPSTREAM_PROTOCOL'],
  // Statuses that are none, or that bring no index.
  ['HTTP/0.9', text('[Common]\n'), 'RLY_UPSTREAM_PROTOCOL'],
  ['HTTP/2', text('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'RLY_UPSTREAM_PROTOCOL'],
  [
    'another protocol',
    text('HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'),
    'RLY_UPSTREAM_RESET',
  ],
  ['a status of four digits', text('HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello'), 'RLY_UPSTREAM_PROTOCOL'],
  ['204', text('HTTP/1.1 204 No\r\n\r\n'), 'RLY_UPSTREAM_STATUS'],
  ['a 304 to a request without a condition', text('HTTP/1.1 304 No\r\n\r\n'), 'RLY_UPSTREAM_STATUS'],
  [
    'a 206 to a request without a range',
    respond(206, { 'Content-Range': 'bytes 0-4/5' }, 'hello'),
    'RLY_UPSTREAM_STATUS',
  ],
  ['a 300 with a choice', respond(300, { Location: '/elsewhere' }), 'RLY_UPSTREAM_STATUS'],
  ['compression nobody asked for', respond(200, { 'Content-Encoding': 'br' }, 'hello'), 'RLY_UPSTREAM_CODED'],
];

t.test('an answer that is not proper ends in its own error, in time, and leaves no connection', async (t) => {
  for (const [what, scene, code] of ANSWERS) {
    t.test(what, async (t) => {
      const origin = await scriptedOrigin(t, [scene]);
      const upstream = testUpstream(t, { ...LIMITS, indexBytes: 100_000 });
      const started = performance.now();
      await t.rejects(upstream.fetchIndex(origin.source, null), { code });
      t.ok(performance.now() - started < 5000, 'within the limits of the test, with room for a busy machine');
      await upstream.close();
      while (origin.open > 0) await new Promise(setImmediate);
    });
  }
});

t.test('a body nobody wants is not read to its end, though the way stays open', async (t) => {
  const body = `1000\r\n${'x'.repeat(4096)}\r\n`;
  const chunked = { 'Transfer-Encoding': 'chunked' };
  const unwanted: readonly [number, Readonly<Record<string, string>>][] = [
    [302, { Location: 'http://127.0.0.1:1/' }],
    [404, {}],
    [200, { 'Content-Encoding': 'br' }],
  ];
  for (const [status, fields] of unwanted) {
    const origin = await scriptedOrigin(t, [forEver(head(status, { ...chunked, ...fields }), body)]);
    await t.rejects(testUpstream(t, { ...LIMITS, gap: 60_000 }).fetchIndex(origin.source, null));
    await eventually(`the end after ${status}`, () => origin.open === 0, 20_000);
  }
});

t.test('what comes after an answer is not taken for the next one', async (t) => {
  const answer = (body: string) => `${head(200, { 'Content-Length': body.length })}${body}`;
  const origin = await scriptedOrigin(t, [
    (_, socket) => socket.write(answer('right') + answer('forged')),
    respond(200, {}, 'right again'),
  ]);
  const upstream = testUpstream(t);
  t.match(await upstream.fetchIndex(origin.source, null), { bytes: Buffer.from('right') });
  t.match(await upstream.fetchIndex(origin.source, null), { bytes: Buffer.from('right again') });
});

t.test('no cookie is kept, and no field leads anywhere', async (t) => {
  const elsewhere = await scriptedOrigin(t, [respond(200, {}, 'elsewhere')]);
  const { url } = elsewhere.source;
  const fields = {
    'Set-Cookie': 'session=1; Path=/',
    'Alt-Svc': `h2="${new URL(url).host}"; ma=3600`,
    'Content-Location': `${url}/server.ini`,
    Location: `${url}/server.ini`,
    Refresh: `0; url=${url}/server.ini`,
    Link: `<${url}/server.ini>; rel=preload`,
    'Strict-Transport-Security': 'max-age=1000',
    'X-Accel-Redirect': '/etc/passwd',
  };
  const origin = await scriptedOrigin(t, [respond(200, fields, 'index'), respond(200, fields, 'object')]);
  const upstream = testUpstream(t);
  await upstream.fetchIndex(origin.source, null);
  await upstream.fetchObject({ source: origin.source, path: 'a.zip', size: { exact: 6 }, sink: memorySink() });
  await upstream.fetchIndex(origin.source, null).catch(() => {});
  t.equal(elsewhere.connections, 0);
  for (const { headers } of origin.requests) {
    t.notOk(headers.has('cookie'));
    t.notOk(headers.has('referer'));
    t.equal(headers.get('accept-encoding'), 'identity');
  }
});

t.test('a body that keeps the least rate has its deadline all the same', async (t) => {
  const steady: Scene = (_, socket) => {
    socket.write(head(200, { 'Content-Length': 1_000_000 }));
    const timer = setInterval(() => socket.write('x'.repeat(100)), 10);
    socket.on('close', () => clearInterval(timer));
  };
  const origin = await scriptedOrigin(t, [steady]);
  const limits = { tries: 1, minimumBytesPerSecond: 1, grace: 100, deadlineBytesPerSecond: 5_000_000 };
  await t.rejects(
    testUpstream(t, limits).fetchObject({
      source: origin.source,
      path: 'a.zip',
      size: { exact: 1_000_000 },
      sink: memorySink(),
    }),
    { code: 'RLY_UPSTREAM_TOO_SLOW', fields: { expected: /1000000|0\.3/ } },
  );
});

t.test(
  'a signature without end is cut at its limit, whether it names a length, comes in chunks or neither',
  async (t) => {
    const origin = await scriptedOrigin(t, [
      forEver(head(200, { 'Content-Length': 2 ** 40 }), 'x'.repeat(1000)),
      forEver(CHUNKED, `3e8\r\n${'x'.repeat(1000)}\r\n`),
      forEver(head(200), 'x'.repeat(1000)),
    ]);
    const upstream = testUpstream(t);
    for (const code of ['RLY_UPSTREAM_SIZE', 'RLY_UPSTREAM_SIZE', 'RLY_UPSTREAM_NO_LENGTH']) {
      const sink = memorySink();
      const size = { limit: 10_000 };
      await t.rejects(upstream.fetchObject({ source: origin.source, path: 'a.sig', size, sink }), { code });
      t.ok(sink.size <= 10_000);
    }
  },
);
