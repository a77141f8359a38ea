import t from 'tap';
import { type Gate, type RequestHead } from '../../src/delivery/gate.ts';
import { adminGate, agentsGate } from '../../src/delivery/gates.ts';
import { UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';
import { isRelayError } from '../../src/errors/relay-error.ts';

const proper: RequestHead = {
  httpVersion: '1.1',
  method: 'GET',
  url: '/activeupdate/a.zip',
  rawHeaders: ['Host', 'relay:8080'],
  remoteAddress: '127.0.0.1',
  identity: UNKNOWN_CLIENT,
};

/** What a gate says of a proper request with one thing changed: the passage, or code and fields. */
function ask(gate: Gate, change: Partial<RequestHead> = {}) {
  const verdict = gate({ ...proper, ...change });
  if (!isRelayError(verdict)) return verdict;
  return { ...verdict.fields, code: verdict.code };
}

const gate = agentsGate({ allow: ['127.0.0.0/8', '10.1.2.3', 'fc00::/7'], trustedProxies: [] });
const judge = (change: Partial<RequestHead> = {}) => ask(gate, change);

const withUrl = (url: string) => judge({ url });
const withHeaders = (...rawHeaders: string[]) => judge({ rawHeaders: ['Host', 'relay', ...rawHeaders] });

t.test('a proper request passes with its method, its path and its address', async (t) => {
  const identity = { secure: true, certificate: { names: ['pc-7'] } };
  const passage = { method: 'GET', path: '/activeupdate/a.zip', address: '127.0.0.1', forwarded: false, fields: {} };
  t.strictSame(judge({ identity }), { ...passage, ...identity });
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
  t.match(ask(agentsGate({ allow: [], trustedProxies: [] })), { code: 'RLY_ADDRESS_NOT_ALLOWED' });
});

t.test('a stranger learns nothing but that', async (t) => {
  t.match(judge({ remoteAddress: '8.8.8.8', method: 'POST', url: '/../' }), { code: 'RLY_ADDRESS_NOT_ALLOWED' });
});

t.test('only GET and HEAD pass', async (t) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', '']) {
    t.strictSame(judge({ method }), { code: 'RLY_METHOD_NOT_ALLOWED', method, allowed: 'GET, HEAD' });
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

t.test('X-Forwarded-For', async (t) => {
  const trusting = agentsGate({ allow: ['10.0.0.0/8'], trustedProxies: ['127.0.0.1', '10.0.0.250', 'fd00::/64'] });
  const through = (remoteAddress: string, ...values: string[]) => {
    const fields = values.flatMap((value) => ['X-Forwarded-For', value]);
    return ask(trusting, { remoteAddress, rawHeaders: ['Host', 'relay', ...fields] });
  };

  t.test('of a trusted proxy: the rightmost address that is no proxy of ours counts, over all fields', async (t) => {
    t.match(through('127.0.0.1', '10.0.0.7'), { address: '10.0.0.7', forwarded: true });
    t.match(through('::ffff:127.0.0.1', '10.0.0.7'), { address: '10.0.0.7' });
    t.match(
      through('fd00::1', '8.8.8.8, 10.0.0.7'),
      { address: '10.0.0.7' },
      'the agent’s own claim stands left of it',
    );
    t.match(through('127.0.0.1', '10.0.0.7 ,10.0.0.250'), { address: '10.0.0.7' }, 'through two of ours');
    t.match(through('127.0.0.1', '8.8.8.8', '10.0.0.7', '::ffff:10.0.0.250'), { address: '10.0.0.7' });
    t.match(through('127.0.0.1', '::ffff:10.0.0.7'), { address: '10.0.0.7' });
    t.match(through('127.0.0.1', '10.0.0.250'), { address: '10.0.0.250' }, 'nobody but proxies: the farthest of them');
  });

  t.test('gives nobody more than the address in it has', async (t) => {
    t.strictSame(through('127.0.0.1', '8.8.8.8'), { code: 'RLY_ADDRESS_NOT_ALLOWED', address: '8.8.8.8' });
    t.strictSame(through('127.0.0.1', '10.0.0.7, 8.8.8.8'), { code: 'RLY_ADDRESS_NOT_ALLOWED', address: '8.8.8.8' });
    t.strictSame(through('127.0.0.1'), { code: 'RLY_ADDRESS_NOT_ALLOWED', address: '127.0.0.1' }, 'the proxy itself');
  });

  t.test('of anybody else is not looked at', async (t) => {
    t.match(through('10.0.0.9', '10.0.0.7'), { address: '10.0.0.9', forwarded: false });
    t.match(through('10.0.0.9', 'rubbish'), { address: '10.0.0.9', forwarded: false });
    t.match(through('8.8.8.8', '10.0.0.7'), { code: 'RLY_ADDRESS_NOT_ALLOWED', address: '8.8.8.8' });
  });

  t.test('with something else in the place that counts is refused, not taken for the proxy’s own', async (t) => {
    for (const value of [
      '',
      ' ',
      'unknown',
      '10.0.0.7:4711',
      '[fd00::7]',
      '10.0.0',
      '10.0.0.7,',
      '10.0.0.7, x',
      'a\tb',
    ]) {
      t.match(
        through('127.0.0.1', value),
        { code: 'RLY_BAD_REQUEST', reason: /X-Forwarded-For is no address$/ },
        value,
      );
    }
    t.match(through('127.0.0.1', 'rubbish, 10.0.0.7'), { address: '10.0.0.7' }, 'what stands left of it is not read');
  });

  t.test(
    'behind a proxy nothing is known of the agent but its address: TLS and certificate are the proxy’s',
    async (t) => {
      const identity = { secure: true, certificate: { names: ['proxy'] } };
      const rawHeaders = ['Host', 'relay', 'X-Forwarded-For', '10.0.0.7'];
      t.match(ask(trusting, { identity, rawHeaders }), { forwarded: true, ...UNKNOWN_CLIENT });
      t.match(ask(trusting, { identity, remoteAddress: '10.0.0.250' }), { forwarded: false, ...identity });
    },
  );
});

t.test('the gate of the admin listener', async (t) => {
  const admin = adminGate({ host: '10.1.2.3', hosts: ['Relay.example.com', 'fd00::5'] });
  const withHost = (...rawHeaders: string[]) => ask(admin, { rawHeaders });

  t.test('lets in who calls it by a name of its own, whatever the port', async (t) => {
    for (const host of [
      'localhost:8081',
      'LOCALHOST',
      'localhost.',
      '127.0.0.1:8081',
      '127.1.2.3',
      '[::1]:8081',
      '[0:0:0:0:0:0:0:1]',
      '10.1.2.3:9000',
      'relay.EXAMPLE.com:80',
      'relay.example.com.',
      '[FD00::5]:1',
    ]) {
      t.match(withHost('Host', host), { method: 'GET' }, host);
    }
  });

  t.test('refuses every other name: it may have been made to lead here', async (t) => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'relay.example.com.evil.example',
      'xrelay.example.com',
      '10.1.2.4',
      '[fd00::6]',
      '0.0.0.0:8081',
      '2130706433',
    ]) {
      t.strictSame(withHost('Host', host), { code: 'RLY_HOST_NOT_ALLOWED', host }, host);
    }
    t.match(withHost(), { code: 'RLY_BAD_REQUEST' });
    t.match(withHost('Host', 'localhost', 'Host', 'evil.example'), { code: 'RLY_BAD_REQUEST' });
    t.match(ask(admin, { httpVersion: '1.0', rawHeaders: [] }), { code: 'RLY_HOST_NOT_ALLOWED', host: '' });
  });

  t.test('takes a body of a known length where one belongs, and nowhere else', async (t) => {
    const sent = (method: string, ...fields: string[]) =>
      ask(admin, { method, rawHeaders: ['Host', 'localhost', ...fields] });
    t.match(sent('POST', 'Content-Length', '2'), { method: 'POST' });
    t.match(sent('POST'), { method: 'POST' });
    t.match(sent('POST', 'Transfer-Encoding', 'chunked'), { reason: 'its body has no length' });
    t.match(sent('POST', 'Content-Length', '2', 'Transfer-Encoding', 'chunked'), { reason: 'its body has no length' });
    t.match(sent('GET', 'Content-Length', '2'), { reason: 'it has a body' });
    t.match(sent('POST', 'Expect', '100-continue'), { reason: 'it has the field expect' });
    for (const method of ['HEAD', 'PUT', 'DELETE', 'CONNECT', 'TRACE', 'OPTIONS']) {
      t.strictSame(sent(method), { code: 'RLY_METHOD_NOT_ALLOWED', method, allowed: 'GET, POST' });
    }
  });

  t.test('is open to every address: who reaches the listener is a matter of admin.host', async (t) => {
    const rawHeaders = ['Host', 'localhost'];
    for (const remoteAddress of ['8.8.8.8', '2001:db8::1', '::ffff:8.8.8.8', 'fe80::1%eth0']) {
      t.match(ask(admin, { remoteAddress, rawHeaders }), { method: 'GET' }, remoteAddress);
    }
  });
});
