// Requests that two readers would cut apart in two ways, and all else that is nearly HTTP. The gate stands in front of every
// route, so a flaw here would be a way around everything behind it (SECURITY.md, "The gate").
import t from 'tap';
import { attackedRelay } from '../support/attacked-relay.ts';
import { get as ask, sendRaw } from '../support/exchange.ts';
import { judgeAnswers } from '../support/judge-answers.ts';
import { headsIn } from '../support/read-answers.ts';
import { sendOver } from '../support/send-over.ts';
import { tried } from '../support/tried.ts';

/** Milliseconds: what has no answer by then would have one only when its client is gone. */
const HASTE = { first: 100 };

const PATH = '/activeupdate/server.ini';
/** What an attacker hides behind a request, to be answered in somebody else's name. */
const HIDDEN = `GET ${PATH} HTTP/1.1\r\nHost: relay\r\nX-Hidden: 1\r\n\r\n`;

/** What the source would have to be asked for. What was not there is remembered, so each of these is another file. */
let questions = 0;
const question = (): string => `hotfix_pccnt/${(questions += 1)}.exe`;

/** A request with these fields, then `body`, then one that is hidden. */
const get = (fields: string, body = ''): string =>
  `GET ${PATH} HTTP/1.1\r\nHost: relay\r\n${fields}\r\n\r\n${body}${HIDDEN}`;
const chunked = (body: string, field = 'Transfer-Encoding: chunked'): string => get(field, body);

const SHAPES: Readonly<Record<string, readonly string[]>> = {
  'a body in a GET': [
    get('Content-Length: 5', 'abcde'),
    get('Content-Length: 5'),
    get(`Content-Length: ${HIDDEN.length}`),
    get('Content-Length: 00'),
    chunked('5\r\nabcde\r\n0\r\n\r\n'),
    chunked('0\r\n\r\n'),
    `HEAD ${PATH} HTTP/1.1\r\nHost: relay\r\nContent-Length: 5\r\n\r\nabcde${HIDDEN}`,
    `GET ${PATH} HTTP/1.0\r\nContent-Length: 5\r\n\r\nabcde${HIDDEN}`,
  ],
  'a length beside chunks': [
    get('Content-Length: 4\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    get('Transfer-Encoding: chunked\r\nContent-Length: 4', '0\r\n\r\n'),
    get('Content-Length: 0\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    `POST ${PATH} HTTP/1.1\r\nHost: relay\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
  ],
  'lengths that are none': [
    '+5',
    '-1',
    '0x5',
    '5 5',
    '5, 5',
    '5,0',
    '',
    ' ',
    '1e1',
    '٣',
    '9'.repeat(30),
    '5\u0000',
  ].map((length) => get(`Content-Length: ${length}`, 'abcde')),
  'two lengths': [
    get('Content-Length: 0\r\nContent-Length: 5', 'abcde'),
    get('Content-Length: 5\r\nContent-Length: 0', 'abcde'),
    get('Content-Length: 0\r\ncontent-length: 0'),
  ],
  'codings that are none': [
    'xchunked',
    'chunked, identity',
    'identity, chunked',
    'gzip',
    'chunked;x=1',
    '\u000bchunked',
    'chunked\u0000',
    '"chunked"',
    'CHUNKED',
    '',
  ].map((coding) => chunked('0\r\n\r\n', `Transfer-Encoding: ${coding}`)),
  'chunks that are none': [
    'g\r\nabcde\r\n0\r\n\r\n',
    '-1\r\n\r\n0\r\n\r\n',
    '0x5\r\nabcde\r\n0\r\n\r\n',
    '5\nabcde\n0\n\n',
    '5;ext="\r\n"\r\nabcde\r\n0\r\n\r\n',
    '5 ;\u0000\r\nabcde\r\n0\r\n\r\n',
    'FFFFFFFFFFFFFFFFF\r\nabcde',
    '5\r\nabcdefgh\r\n0\r\n\r\n',
    '0\r\nHost: evil\r\nContent-Length: 5\r\n\r\n',
    `1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n`,
  ].map((body) => chunked(body)),
  'lines that end in another way': [
    `GET ${PATH} HTTP/1.1\nHost: relay\n\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\r\nHost: relay\nX: y\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\rHost: relay\r\r${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\r\nHost: relay\r\nX: a\rContent-Length: 5\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\r\nHost: relay\r\n\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\r\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\u0085Host: relay\r\n\r\n${HIDDEN}`,
  ],
  'fields that are none': [
    'X: a\r\n b',
    'X: a\r\n\tContent-Length: 5',
    ' X: y',
    'X : y',
    'Content-Length : 5',
    'Content-Length\t: 5',
    'Transfer-Encoding : chunked',
    'Transfer_Encoding: chunked\r\nTransfer-Encoding: chunked',
    'X',
    ': y',
    'X\u0000: y',
    'X: y\u0000',
    'X: y\u0007',
    'X\u00e4: y',
    'X(y): z',
  ].map((fields) => get(fields)),
  'Hosts that are none, or too many': [
    ...[
      '',
      ' ',
      'a b',
      'a/b',
      'a@b',
      'http://relay',
      'relay:',
      'relay:x',
      'relay:999999',
      '[::1',
      '::1',
      'a,b',
      'a;b',
      'ä',
      'a\u0000',
      "a'b",
      '*',
      'a%20b',
    ].map((host) => `GET ${PATH} HTTP/1.1\r\nHost: ${host}\r\n\r\n${HIDDEN}`),
    `GET ${PATH} HTTP/1.1\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\r\nHost: relay\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\r\nHost: relay\r\nhOsT: evil\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.0\r\nHost: relay\r\nHost: evil\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1\r\nHost: relay\r\n Host: evil\r\n\r\n${HIDDEN}`,
  ],
  'another protocol': [
    get(
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13',
    ),
    get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'),
    get('Upgrade: TLS/1.2'),
    get('Expect: 100-continue'),
    get('Expect: 100-continue\r\nContent-Length: 5', 'abcde'),
    get('Expect: a miracle'),
    `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${HIDDEN}`,
    `\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003${HIDDEN}`,
    `CONNECT relay:80 HTTP/1.1\r\nHost: relay:80\r\n\r\n${HIDDEN}`,
    `SSH-2.0-x\r\n${HIDDEN}`,
  ],
  'request lines that are none': [
    `GET ${PATH}\r\n${HIDDEN}`,
    `GET ${PATH} \r\n${HIDDEN}`,
    `GET\t${PATH}\tHTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1 \r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.1 HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/0.9\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/1.2\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/2.0\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} HTTP/11\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} http/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH} ICE/1.0\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `get ${PATH} HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    ` GET ${PATH} HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH}#a HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH}\u00e4 HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH}%00 HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH}%c0%af HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH}%ed%a0%80 HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET ${PATH}\\ HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET  HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `\u0000${HIDDEN}`,
  ],
  'too much of it': [
    `GET /${'a'.repeat(2048)} HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    get(`X: ${'y'.repeat(9000)}`),
    get(Array.from({ length: 1500 }, (_, n) => `X${n}: y`).join('\r\n')),
    `GET ${PATH}?${'a'.repeat(3000)} HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
    `${'A'.repeat(20_000)} ${PATH} HTTP/1.1\r\nHost: relay\r\n\r\n${HIDDEN}`,
  ],
};

const { port, contents, paths, bugs, lab, answered } = await attackedRelay(t);

for (const [what, shapes] of Object.entries(SHAPES)) {
  t.test(`${what}: one refusal at most, and what hides behind it is neither answered nor acted on`, async (t) => {
    lab.reset();
    for (const shape of shapes) {
      const before = answered();
      const sent = `${shape}GET /officescan/${question()} HTTP/1.1\r\nHost: relay\r\n\r\n`;
      const verdict = judgeAnswers(await sendOver(port, sent, HASTE), contents, headsIn(shape));
      const said = `${JSON.stringify(shape.slice(0, 160))}: ${JSON.stringify(verdict)}`;
      t.ok(
        typeof verdict !== 'string' &&
          verdict.statuses.length <= 1 &&
          verdict.statuses.every((status) => status >= 400),
        said,
      );
      t.ok(answered() - before <= 1, `${answered() - before} answers were told of: ${said}`);
    }
    // What the source is asked because of this comes behind all that it would have been asked before.
    const proper = question();
    t.equal((await ask(port, `/officescan/${proper}`)).status, 404);
    t.strictSame(new Set(lab.requests.map(({ path }) => path)), new Set([proper]));
    t.strictSame(bugs, []);
    tried(t, shapes.length);
  });
}

t.test('proper requests one behind the other are answered each, in their order', async (t) => {
  const first = `GET ${PATH} HTTP/1.1\r\nHost: relay\r\n\r\n`;
  const second = `GET ${paths[1]} HTTP/1.1\r\nHost: relay\r\nRange: bytes=0-4\r\n\r\n`;
  const third = `GET /activeupdate/none HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n`;
  // To the relay's own end: an answer may be longer in coming than a client that has said all waits for another.
  const answers = Buffer.from(await sendRaw(port, first + second + third), 'latin1');
  t.strictSame(judgeAnswers(answers, contents), { statuses: [200, 206, 404] });
});

t.test(
  'what RFC 9112 lets a reader pass over does no harm: empty lines before a request (§2.2), spaces in it (§3)',
  async (t) => {
    t.strictSame(judgeAnswers(await sendOver(port, `\r\n\r\n${HIDDEN}`), contents), { statuses: [200] });
    t.strictSame(judgeAnswers(await sendOver(port, HIDDEN.replace(' ', '   ')), contents), { statuses: [200] });
  },
);

t.test('a request that ends before its end is refused', async (t) => {
  for (const beginning of [
    'G',
    'GET ',
    `GET ${PATH}`,
    `GET ${PATH} HTTP/1.1\r\n`,
    `GET ${PATH} HTTP/1.1\r\nHost: relay\r\nX`,
  ]) {
    const verdict = judgeAnswers(await sendOver(port, beginning, { first: 50 }), contents);
    t.match(verdict, { statuses: [400] }, beginning);
  }
});
