import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { sendRaw } from '../support/exchange.ts';
import { relayEnv, relayFor, temporaryFolder, type TestRelay } from '../support/relay-for.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
/** Nobody listens there: nothing of these tests needs a generation. */
const NO_SOURCE = 'http://127.0.0.1:1/officescan';

interface Site extends TestRelay {
  readonly port: number;
}

async function site(t: Test, settings: Readonly<Record<string, string>> = {}): Promise<Site> {
  const tokenFile = join(await temporaryFolder(t), 'token');
  await writeFile(tokenFile, TOKEN, { mode: 0o600 });
  const env = { ...(await relayEnv(t, NO_SOURCE)), RELAY_ADMIN__TOKEN_FILE: tokenFile, ...settings };
  const relay = await relayFor(t, env, { limits: { tries: 1 } });
  return { ...relay, port: Number(new URL(relay.adminUrl).port) };
}

/** Taken apart: the answers that came, by their status lines, and all of it. */
function answersIn(raw: string): { statuses: number[]; raw: string } {
  return { statuses: [...raw.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)), raw };
}

const ask = async (port: number, text: string) => answersIn(await sendRaw(port, text));

const STATUS = '/api/v1/status';
const UPDATE = 'POST /api/v1/update HTTP/1.1\r\nHost: localhost\r\n';
const AUTHORIZED = `Authorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\n`;
/** Sent right behind what is to be refused; an answer to it is a way around the gate. */
const SMUGGLED = `${UPDATE}${AUTHORIZED}Content-Length: 2\r\nConnection: close\r\n\r\n{}`;

t.test('the admin listener: the gate stands before the router and every route', async (t) => {
  const relay = await site(t);
  const { port } = relay;

  t.test('a proper request passes', async (t) => {
    const { statuses, raw } = await ask(
      port,
      `GET ${STATUS} HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n`,
    );
    t.strictSame(statuses, [200]);
    t.match(raw, '"version"');
  });

  t.test('what is no proper request for it is refused with one answer, and nothing behind it is read', async (t) => {
    const get = (target: string, ...fields: string[]) => [`GET ${target} HTTP/1.1`, ...fields, '', ''].join('\r\n');
    const refused: [string, number, string][] = [
      ['no Host', 400, get(STATUS)],
      ['two Hosts', 400, get(STATUS, 'Host: localhost', 'Host: localhost')],
      ['a Host that is none', 400, get(STATUS, 'Host: localhost/x')],
      ['a Host folded over lines', 400, get(STATUS, 'Host: localhost', ' evil.example')],
      ['a name that was made to lead here', 421, get(STATUS, 'Host: evil.example')],
      ['the same for health', 421, get('/livez', 'Host: evil.example')],
      ['the same for metrics', 421, get('/metrics', 'Host: evil.example:8081')],
      ['the same for what is not there', 421, get('/nothing', 'Host: evil.example')],
      ['the same with a token', 421, `POST /api/v1/update HTTP/1.1\r\nHost: evil.example\r\n${AUTHORIZED}\r\n`],
      ['an absolute target', 400, get(`http://localhost${STATUS}`, 'Host: localhost')],
      ['an absolute target of another host', 400, get('http://osce.example.com/', 'Host: localhost')],
      ['an authority', 400, 'OPTIONS localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
      ['an asterisk', 405, 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n'],
      ['an escape the router stumbles over', 400, get('/api/v1/%zz', 'Host: localhost')],
      ['an escaped slash', 400, get('/api%2fv1/status', 'Host: localhost')],
      ['a climbing path', 400, get('/api/v1/../v1/status', 'Host: localhost')],
      ['an empty segment', 400, get('//api/v1/status', 'Host: localhost')],
      ['an upgrade', 400, get(STATUS, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket')],
      ['an expectation', 400, `${UPDATE}${AUTHORIZED}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`],
      ['a GET with a body', 400, `${get(STATUS, 'Host: localhost', 'Content-Length: 2').trimEnd()}\r\n\r\n{}`],
      ['TRACE', 405, `TRACE ${STATUS} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
      ['CONNECT', 405, 'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
      ['DELETE', 405, `DELETE ${STATUS} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
      ['a body in chunks', 400, `${UPDATE}${AUTHORIZED}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`],
      [
        'a length and chunks',
        400,
        `${UPDATE}${AUTHORIZED}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      [
        'chunks and a length',
        400,
        `${UPDATE}${AUTHORIZED}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n`,
      ],
      ['two lengths', 400, `${UPDATE}${AUTHORIZED}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
      ['a length that is none', 400, `${UPDATE}${AUTHORIZED}Content-Length: +2\r\n\r\n{}`],
      ['a coding that is hidden', 400, `${UPDATE}${AUTHORIZED}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
      ['a space before the first field', 400, `GET ${STATUS} HTTP/1.1\r\n Host: localhost\r\n\r\n`],
      ['a target of 3 KiB', 414, get(`/${'a'.repeat(3000)}`, 'Host: localhost')],
      ['HTTP/2 without TLS', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ];
    for (const [what, status, text] of refused) {
      const { statuses, raw } = await ask(port, text + SMUGGLED);
      t.strictSame(statuses, [status], what);
      t.match(raw, /\r\nConnection: close\r\n/i, what);
      t.match(raw, /\r\n\r\n\{"error":"RLY_\w+","detail":".+","requestId":null\}$/, what);
    }
    t.match(relay.events.of('admin.changed'), [{ what: 'a start' }], 'nothing was smuggled past it');
    t.equal(relay.events.of('admin.changed').length, 1);
    t.match(
      relay.events.of('admin.refused').find(({ path }) => path === '/livez'),
      {
        address: '127.0.0.1',
        method: 'GET',
        error: /^RLY_HOST_NOT_ALLOWED: "evil\.example"/,
      },
    );
  });

  t.test('what is no HTTP is refused too, and told', async (t) => {
    const { statuses, raw } = await ask(port, 'rubbish\r\n\r\n');
    t.strictSame(statuses, [400]);
    t.match(raw, 'RLY_BAD_REQUEST');
    t.match(
      relay.events.of('connections.ended').filter(({ listener }) => listener === 'admin'),
      [{ reason: 'what came was no HTTP', address: '127.0.0.1' }],
    );
  });

  t.test('requests sent without waiting are judged one by one', async (t) => {
    const good = `GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const { statuses } = await ask(port, `${good}${good}GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n${good}`);
    t.strictSame(statuses, [200, 200, 421]);
  });

  t.test('the body of one request is not the next one', async (t) => {
    const inside = `GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const text = `${UPDATE}${AUTHORIZED}Content-Length: ${inside.length}\r\nConnection: close\r\n\r\n${inside}`;
    t.strictSame((await ask(port, text)).statuses, [400]);
  });
});

t.test('the health of a relay without a source is told under its own name alone', async (t) => {
  const { port, events } = await site(t, { RELAY_ADMIN__HOSTS: 'relay.example.com' });
  const health = (host: string) => ask(port, `GET /readyz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  t.strictSame((await health('relay.example.com:8081')).statuses, [503]);
  t.strictSame((await health('relay.example.org')).statuses, [421]);
  await eventually('the refusal', () => events.of('admin.refused').length === 1);
});
