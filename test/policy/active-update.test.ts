import t from 'tap';
import { isActiveUpdate } from '../../src/policy/active-update.ts';

const DEFAULT = 'https://osce14-p.activeupdate.trendmicro.com/activeupdate';

t.test('the vendor’s hosts are ActiveUpdate, however the URL is written', async (t) => {
  const spellings = [
    DEFAULT,
    `${DEFAULT}/`,
    `${DEFAULT}//`,
    'http://osce14-p.activeupdate.trendmicro.com/activeupdate',
    'HTTPS://OSCE14-P.ActiveUpdate.TrendMicro.COM/ActiveUpdate',
    'https://osce14-p.activeupdate.trendmicro.com:443/activeupdate',
    'http://osce14-p.activeupdate.trendmicro.com:80/activeupdate/',
    'http://osce14-p.activeupdate.trendmicro.com:8080/activeupdate',
    'https://osce14-p.activeupdate.trendmicro.com./activeupdate',
    'https://osce14-p.activeupdate.trendmicro.com',
    'http://osce12-p.activeupdate.trendmicro.com/activeupdate',
    'http://osce11-p.activeupdate.trendmicro.com/activeupdate',
    'https://osce105-p.activeupdate.trendmicro.com/activeupdate',
  ];
  for (const url of spellings) {
    t.ok(isActiveUpdate(url, DEFAULT), url);
    t.ok(isActiveUpdate(url, 'http://mirror.example.com/activeupdate'), `${url}, whatever sources.activeUpdate is`);
  }
});

t.test('what sources.activeUpdate names is ActiveUpdate, however the URL is written', async (t) => {
  const configured = 'https://mirror.example.com/au';
  const spellings = [
    'https://mirror.example.com/au/',
    'http://mirror.example.com/au',
    'https://Mirror.Example.COM:443/AU',
    'http://mirror.example.com:443/au',
    'http://mirror.example.com:80/au',
  ];
  for (const url of spellings) t.ok(isActiveUpdate(url, configured), url);
  t.ok(isActiveUpdate('http://127.0.0.1:8101/activeupdate/', 'https://127.0.0.1:8101/activeupdate'));
});

t.test('everything else is not', async (t) => {
  const others = [
    'http://ua1.example.com:21112/activeupdate',
    'https://osce.example.com:4343/officescan/download',
    'https://osce14-p.activeupdate.trendmicro.com.example.com/activeupdate',
    'https://example.com/osce14-p.activeupdate.trendmicro.com/activeupdate',
    'https://xosce14-p.activeupdate.trendmicro.com/activeupdate',
    'https://osce-p.activeupdate.trendmicro.com/activeupdate',
    'https://osce14-pxactiveupdate.trendmicro.com/activeupdate',
    'https://www.trendmicro.com/activeupdate',
  ];
  for (const url of others) t.notOk(isActiveUpdate(url, DEFAULT), url);
  t.notOk(isActiveUpdate('http://127.0.0.1:8102/activeupdate', 'http://127.0.0.1:8101/activeupdate'), 'another port');
  t.notOk(isActiveUpdate('http://mirror.example.com/ua', 'http://mirror.example.com/au'), 'another path');
});
