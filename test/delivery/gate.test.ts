import t from 'tap';
import { createGate, type RequestHead } from '../../src/delivery/gate.ts';
import { isRelayError } from '../../src/errors/relay-error.ts';

const gate = createGate(['127.0.0.0/8', '10.1.2.3', 'fc00::/7']);

/** What the gate says of a proper request with one thing changed: the passage, or code and reason. */
function judge(change: Partial<RequestHead> = {}) {
  const proper = { httpVersion: '1.1', method: 'GET', url: '/activeupdate/a.zip', rawHeaders: ['Host', 'relay:8080'] };
  const verdict = gate({ ...proper, remoteAddress: '127.0.0.1', ...change });
  if (!isRelayError(verdict)) return verdict;
  return { ...verdict.fields, code: verdict.code };
}

const withUrl = (url: string) => judge({ url });
const withHeaders = (...rawHeaders: string[]) => judge({ rawHeaders: ['Host', 'relay', ...rawHeaders] });

t.test('a proper request passes with its method, its path and its address', async (t) => {
  t.strictSame(judge(), { method: 'GET', path: '/activeupdate/a.zip', address: '127.0.0.1', fields: {} });
  t.match(judge({ method: 'HEAD' }), { method: 'HEAD' });
});

t.test('only addresses on the list pass, IPv4 also in its IPv6 form', async (t) => {
  t.match(judge({ remoteAddress: '10.1.2.3' }), { address: '10.1.2.3' });
  t.match(judge({ remoteAddress: '::ffff:10.1.2.3' }), { address: '10.1.2.3' });
  t.match(judge({ remoteAddress: 'fd00::1' }), { address: 'fd00::1' });
  for (const remoteAddress of ['10.1.2.4', '::1', '::ffff:10.1.2.4', 'nonsense']) {
    const address = remoteAddress.replace('::ffff:', '');
    t.strictSame(judge({ remoteAddress }), { code: 'RLY_ADDRESS_NOT_ALLOWED', address });
  }
  t.match(judge({ remoteAddress: undefined }), { code: 'RLY_ADDRESS_NOT_ALLOWED' }, 'the client is gone');
});

t.test('an empty list lets nobody in', async (t) => {
  const closed = createGate([]);
  const head = {
    httpVersion: '1.1',
    method: 'GET',
    url: '/',
    rawHeaders: ['Host', 'relay'],
    remoteAddress: '127.0.0.1',
  };
  t.match(closed(head), { code: 'RLY_ADDRESS_NOT_ALLOWED' });
});

t.test('a stranger learns nothing but that', async (t) => {
  t.match(judge({ remoteAddress: '8.8.8.8', method: 'POST', url: '/../' }), { code: 'RLY_ADDRESS_NOT_ALLOWED' });
});

t.test('only GET and HEAD pass', async (t) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', '']) {
    t.strictSame(judge({ method }), { code: 'RLY_METHOD_NOT_ALLOWED', method });
  }
});

t.test('HTTP/1.0 and 1.1 pass, nothing else', async (t) => {
  t.match(judge({ httpVersion: '1.0' }), { path: '/activeupdate/a.zip' });
  for (const httpVersion of ['0.9', '2.0', '1.2']) t.match(judge({ httpVersion }), { code: 'RLY_BAD_REQUEST' });
});

t.test('exactly one valid Host; HTTP/1.0 may have none', async (t) => {
  for (const host of [
    'relay',
    'relay.example.com:21112',
    '10.0.0.1',
    '10.0.0.1:80',
    '[::1]:8080',
    '[fd00::1]',
    'r_1',
  ]) {
    t.match(judge({ rawHeaders: ['hOST', host] }), { method: 'GET' }, host);
    t.match(judge({ httpVersion: '1.0', rawHeaders: ['Host', host] }), { method: 'GET' }, host);
  }
  for (const host of [
    '',
    ' ',
    'a b',
    'http://relay',
    'relay/x',
    'a@b',
    'relay:port',
    'relay:123456',
    '::1',
    'a,b',
    '[x]',
  ]) {
    t.match(judge({ rawHeaders: ['Host', host] }), { code: 'RLY_BAD_REQUEST', reason: /is no host$/ }, host);
    t.match(judge({ httpVersion: '1.0', rawHeaders: ['Host', host] }), { code: 'RLY_BAD_REQUEST' }, host);
  }
  t.match(judge({ rawHeaders: [] }), { reason: 'it has no Host field' });
  t.match(judge({ rawHeaders: [], httpVersion: '1.0' }), { method: 'GET' });
  t.match(withHeaders('host', 'relay'), { reason: 'it has 2 Host fields' });
});

t.test('no body, no Upgrade, no Expect', async (t) => {
  t.match(withHeaders('Content-Length', '0'), { method: 'GET' });
  t.match(withHeaders('Content-Length', '5'), { reason: 'it has a body' });
  t.match(withHeaders('Content-Length', '00'), { reason: 'it has a body' });
  t.match(withHeaders('transfer-encoding', 'chunked'), { reason: 'it has a body' });
  t.match(withHeaders('UPGRADE', 'h2c'), { reason: 'it has the field upgrade' });
  t.match(withHeaders('Expect', '100-continue'), { reason: 'it has the field expect' });
  t.match(withHeaders('Range', 'bytes=0-1', 'If-None-Match', '"x"', 'User-Agent', 'Mozilla/4.0'), { method: 'GET' });
});

t.test('the path is decoded once and the query is dropped', async (t) => {
  t.match(withUrl('/a%20b/c%C3%A4.zip?x=/../%zz'), { path: '/a b/cä.zip' });
  t.match(withUrl('/activeupdate/a.zip?'), { path: '/activeupdate/a.zip' });
  t.match(withUrl('/'), { path: '/' });
  t.match(withUrl('/a/b.c.d/..e/.f'), { path: '/a/b.c.d/..e/.f' });
});

t.test('a target that is no path of this server is refused', async (t) => {
  for (const url of ['http://relay/a.zip', 'relay:443', '*', '', 'a.zip', '\\a.zip']) {
    t.match(withUrl(url), { code: 'RLY_BAD_REQUEST', reason: 'its target is not a path' }, url);
  }
  t.match(withUrl('/a.zip#x'), { reason: 'its target has a fragment' });
  t.match(withUrl('/a.zip?x#y'), { reason: 'its target has a fragment' });
  for (const url of ['/a b', '/\u00e4', '/a\u0000', '/a\u007f']) t.match(withUrl(url), { reason: /must be escaped$/ });
});

t.test('a path that climbs, or could be made to, is refused', async (t) => {
  for (const url of ['/..', '/../a', '/a/../b', '/a/..', '/.', '/a/./b', '/a/.']) {
    t.match(withUrl(url), { reason: 'its path has a . or .. segment' }, url);
  }
  for (const url of ['//', '//a', '/a//b', '/a/']) {
    t.match(withUrl(url), { reason: 'its path has an empty segment' }, url);
  }
  for (const url of ['/%2e%2e/a', '/.%2E/a', '/a%2fb', '/a%2Fb', '/%252e', '/%25', '/a%2eb']) {
    t.match(withUrl(url), { reason: 'its path has an escaped dot, slash or percent sign' }, url);
  }
  for (const url of ['/a\\b', '/a%5cb', '/..%5C..', '/a%00', '/a%0d%0aX:', '/a%7f', '/a%C2%85']) {
    t.match(withUrl(url), { reason: 'its path holds a backslash or a control character' }, url);
  }
  for (const url of ['/%', '/%1', '/%zz', '/%ff', '/%c0%af', '/%ed%a0%80', '/%f5%80%80%80']) {
    t.match(withUrl(url), { reason: 'its path is not UTF-8 in percent-encoding' }, url);
  }
});

t.test('2 KiB of target pass, one byte more does not', async (t) => {
  t.match(withUrl(`/${'a'.repeat(2047)}`), { method: 'GET' });
  t.strictSame(withUrl(`/${'a'.repeat(2048)}`), { code: 'RLY_TARGET_TOO_LONG', length: 2049, limit: 2048 });
});
