// The second way: the relay as somebody's proxy, or made to ask others for what an agent names (SSRF).
// CVE-2020-15297, CVE-2021-3552, CVE-2021-3553, CVE-2021-3959.
import t from 'tap';
import { attackedRelay } from '../support/attacked-relay.ts';
import { get } from '../support/exchange.ts';
import { judgeAnswers } from '../support/judge-answers.ts';
import { headsIn } from '../support/read-answers.ts';
import { sendOver } from '../support/send-over.ts';
import { tried } from '../support/tried.ts';

t.test('no request makes the relay ask anybody for anything', async (t) => {
  const { port, paths, contents, bystander, lab } = await attackedRelay(t);
  const { host } = bystander;
  const [path = ''] = paths;
  const lines = [
    `GET http://${host}/secret HTTP/1.1`,
    `GET http://${host}${path} HTTP/1.1`,
    `GET HTTP://${host}/secret HTTP/1.0`,
    `GET https://${host}/secret HTTP/1.1`,
    `GET ftp://${host}/secret HTTP/1.1`,
    `GET http:${path} HTTP/1.1`,
    `GET http:///${path} HTTP/1.1`,
    `GET //${host}${path} HTTP/1.1`,
    `GET ///${host}${path} HTTP/1.1`,
    `GET /\\${host}${path} HTTP/1.1`,
    `GET @${host}${path} HTTP/1.1`,
    `GET :@${host}${path} HTTP/1.1`,
    `GET ${host} HTTP/1.1`,
    `GET /${host}${path} HTTP/1.1`,
    `GET /http://${host}${path} HTTP/1.1`,
    `GET /activeupdate/http://${host}/secret HTTP/1.1`,
    `GET /activeupdate/http:%2f%2f${host}/secret HTTP/1.1`,
    `GET /activeupdate/?url=http://${host}/secret HTTP/1.1`,
    `GET /activeupdate/not-there.zip HTTP/1.1`,
    `HEAD http://${host}/secret HTTP/1.1`,
    `CONNECT ${host} HTTP/1.1`,
    `CONNECT ${host}:443 HTTP/1.0`,
    `CONNECT http://${host}/ HTTP/1.1`,
    `POST http://${host}/secret HTTP/1.1`,
    `OPTIONS * HTTP/1.1`,
    `TRACE ${path} HTTP/1.1`,
  ];
  const hosts = ['relay', host, `relay@${host}`, `${host}/`, `[::ffff:127.0.0.1]:${host.split(':')[1]}`];
  let count = 0;
  for (const line of lines) {
    for (const name of hosts) {
      const verdict = judgeAnswers(await sendOver(port, `${line}\r\nHost: ${name}\r\n\r\n`), contents, headsIn(line));
      const isRefused = typeof verdict !== 'string' && verdict.statuses.every((status) => status >= 400);
      t.ok(isRefused, `${line} with Host: ${name} is refused: ${JSON.stringify(verdict)}`);
      count += 1;
    }
  }
  t.equal(bystander.connections, 0, 'nobody else heard of it');
  t.strictSame(lab.requests, [], 'nor did the source');
  tried(t, count);
});

t.test('no field of a proper request leads anywhere either, and the answer is the table’s', async (t) => {
  const { port, paths, contents, bystander, lab } = await attackedRelay(t);
  const { host, url } = bystander;
  const path = paths.find((name) => name.endsWith('.zip')) ?? '';
  const fields: Record<string, string> = {
    Host: host,
    'X-Forwarded-Host': host,
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Server': host,
    'X-Host': host,
    'X-HTTP-Host-Override': host,
    'X-Original-URL': '/api/v1/status',
    'X-Rewrite-URL': `${url}/server.ini`,
    'X-Proxy-URL': url,
    'X-HTTP-Method-Override': 'POST',
    Forwarded: `for=127.0.0.1;host=${host}`,
    Via: '1.1 evil',
    Referer: url,
    Origin: url,
    Destination: url,
    'Proxy-Connection': 'keep-alive',
    'Proxy-Authorization': 'Basic eDp5',
    'Max-Forwards': '0',
    Cookie: `source=${url}`,
    Authorization: 'Bearer x',
    'Service-Worker': 'script',
  };
  for (const [name, value] of Object.entries(fields)) {
    const other = name === 'Host' ? '' : 'Host: relay\r\n';
    const bytes = await sendOver(port, `GET ${path} HTTP/1.1\r\n${other}${name}: ${value}\r\n\r\n`);
    t.strictSame(judgeAnswers(bytes, contents), { statuses: [200] }, name);
    t.notOk(bytes.toString('latin1').includes(host), `${name} is not reflected`);
  }
  t.equal(bystander.connections, 0);
  t.strictSame(lab.requests, []);
  tried(t, Object.keys(fields).length);
});

t.test('an address outside agents.allow gets nothing, whatever it says of itself', async (t) => {
  const { port } = await attackedRelay(t, { RELAY_AGENTS__ALLOW: '10.0.0.0/8' });
  for (const name of [
    'X-Forwarded-For',
    'X-Real-IP',
    'X-Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'Forwarded',
  ]) {
    const value = name === 'Forwarded' ? 'for=10.0.0.1' : '10.0.0.1';
    t.equal((await get(port, '/activeupdate/server.ini', { headers: { [name]: value } })).status, 403, name);
  }
  tried(t, 6);
});
