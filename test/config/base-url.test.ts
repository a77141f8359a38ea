import t from 'tap';
import { baseUrlCorrection, normaliseBaseUrl } from '../../src/config/base-url.ts';

t.test('any http or https URL may be the base of a source', async (t) => {
  const good = [
    'http://ua1.example.com:21112/activeupdate',
    'https://osce14-p.activeupdate.trendmicro.com/activeupdate/',
    'http://tmcm.example.com/TvcsDownload/ActiveUpdate',
    'https://osce.example.com:4343/officescan/download',
    'http://[2001:db8::1]:8080',
    'http://server.ini',
  ];
  for (const url of good) t.equal(baseUrlCorrection(url), undefined, url);
});

t.test('whoever writes /server.ini is told the URL that is right', async (t) => {
  for (const url of ['http://ua1/activeupdate/server.ini', 'HTTP://UA1:80/activeupdate//Server.INI/']) {
    t.equal(baseUrlCorrection(url), 'http://ua1/activeupdate, for /server.ini is appended', url);
  }
});

t.test('a port or a scheme that says the same is one spelling, a path in another case is not', async (t) => {
  t.equal(normaliseBaseUrl('HTTPS://UA1.example.com:443/ActiveUpdate//'), 'https://ua1.example.com/ActiveUpdate');
  t.equal(normaliseBaseUrl('http://ua1.example.com:21112'), 'http://ua1.example.com:21112');
});
