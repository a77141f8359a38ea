import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { normaliseBaseUrl } from '../../src/config/base-url.ts';
import { serverUrlCorrection } from '../../src/config/server-url.ts';

t.test('a base URL of an OfficeScan server is accepted in any spelling', async (t) => {
  const good = [
    'https://osce.example.com:4343/officescan',
    'http://osce/officescan/',
    'HTTPS://[2001:db8::1]/',
    'http://10.0.0.1',
  ];
  for (const url of good) t.equal(serverUrlCorrection(url), undefined, url);
});

t.test('a URL is brought to one spelling', async (t) => {
  t.equal(normaliseBaseUrl('HTTPS://OSCE.example.com:443/OfficeScan//'), 'https://osce.example.com/OfficeScan');
  t.equal(normaliseBaseUrl('http://10.0.0.1'), 'http://10.0.0.1');
});

t.test('what a URL parser would forgive is not accepted', async (t) => {
  for (const url of [
    '',
    'osce.example.com',
    'ftp://osce/x',
    'https:osce/x',
    'https://osce\\x',
    ' https://osce',
    'https://osce/a b',
  ]) {
    t.match(serverUrlCorrection(url), 'an http or https URL, as in https://', url);
  }
});

t.test('credentials do not belong into the URL, and the message says why', async (t) => {
  for (const url of ['https://user:secret@osce/officescan', 'https://user@osce/officescan']) {
    t.match(serverUrlCorrection(url), 'without user name and password: it is shown in logs', url);
  }
});

t.test('a query or a fragment is refused', async (t) => {
  for (const url of ['https://osce/x?y', 'https://osce/x?', 'https://osce/x#y']) {
    t.match(serverUrlCorrection(url), 'without a query or a fragment', url);
  }
});

t.test('whoever writes /download is told the URL that is right', async (t) => {
  for (const url of ['https://osce:4343/officescan/download', 'https://OSCE:4343/officescan/Download//']) {
    t.equal(serverUrlCorrection(url), 'https://osce:4343/officescan, for /download is appended', url);
  }
  t.equal(serverUrlCorrection('https://download/officescan'), undefined);
  t.equal(serverUrlCorrection('https://download'), undefined, 'a host may be called so');
});

t.test('the one spelling of a good URL is good, and stays as it is', async () => {
  fc.assert(
    fc.property(fc.webUrl({ validSchemes: ['http', 'https'] }), (url) => {
      fc.pre(serverUrlCorrection(url) === undefined);
      const normal = normaliseBaseUrl(url);
      return serverUrlCorrection(normal) === undefined && normaliseBaseUrl(normal) === normal && !normal.endsWith('/');
    }),
  );
});
