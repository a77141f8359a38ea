import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { redirectTarget, requestTarget } from '../../src/upstream/request-url.ts';

t.test('the path of the base stays, with or without a slash at its end', async (t) => {
  const expected = {
    origin: 'http://ua1.example.com:21112',
    path: '/activeupdate/pattern/vsapi241.zip',
    url: 'http://ua1.example.com:21112/activeupdate/pattern/vsapi241.zip',
    authorization: null,
  };
  t.strictSame(requestTarget('http://ua1.example.com:21112/activeupdate', 'pattern/vsapi241.zip'), expected);
  t.strictSame(requestTarget('http://ua1.example.com:21112/activeupdate/', 'pattern/vsapi241.zip'), expected);
  t.equal(requestTarget('http://ua1.example.com', 'server.ini').path, '/server.ini');
});

t.test('nothing of a path is normalised away, and nothing in it reaches beyond the path', async (t) => {
  t.equal(requestTarget('http://h/a', '../b/./c//d').path, '/a/../b/./c//d');
  t.equal(requestTarget('http://h/a', 'x?y#z %2e\r\n').path, '/a/x%3Fy%23z%20%252e%0D%0A');
  fc.assert(
    fc.property(fc.string(), (path) => {
      const target = requestTarget('http://h/a', path);
      return /^\/a\/[\w\-.!~*'()%/]*$/.test(target.path) && decodeURIComponent(target.path) === `/a/${path}`;
    }),
  );
});

t.test('credentials go into their header and nowhere else', async (t) => {
  const { url, origin, authorization } = requestTarget('https://relay:p%40ss@osce.example.com:4343/officescan', 'x');
  t.equal(origin, 'https://osce.example.com:4343');
  t.equal(url, 'https://osce.example.com:4343/officescan/x');
  t.equal(authorization, `Basic ${Buffer.from('relay:p@ss').toString('base64')}`);
});

t.test('a redirect counts only within the origin', async (t) => {
  const from = requestTarget('https://u:p@osce.example.com/download', 'server.ini');
  t.strictSame(redirectTarget(from, '/other/server.ini?v=1'), {
    ...from,
    path: '/other/server.ini?v=1',
    url: 'https://osce.example.com/other/server.ini?v=1',
  });
  t.equal(redirectTarget(from, 'SERVER.INI')?.path, '/download/SERVER.INI');
  for (const location of [
    'http://osce.example.com/download/server.ini',
    'https://osce.example.com:444/download/server.ini',
    '//evil.example.com/server.ini',
    'https://[broken',
  ]) {
    t.equal(redirectTarget(from, location), null, location);
  }
});
