import t from 'tap';
import { itemsUrl } from '../../src/policy/items-url.ts';

t.test('an OfficeScan server has components in a folder of their own, and the hot-fix trees beside it', async (t) => {
  const server = { source: 'https://osce.example.com:4343/officescan', type: 'officeScanServer' } as const;
  t.equal(itemsUrl(server, 'components'), 'https://osce.example.com:4343/officescan/download');
  t.equal(itemsUrl(server, 'programs'), 'https://osce.example.com:4343/officescan');
  t.equal(itemsUrl(server, 'domainSettings'), 'https://osce.example.com:4343/officescan');
});

t.test('an Update Agent has everything below its base', async (t) => {
  const agent = { source: 'http://ua1.example.com:21112/activeupdate', type: 'customized' } as const;
  t.equal(itemsUrl(agent, 'components'), 'http://ua1.example.com:21112/activeupdate');
  t.equal(itemsUrl(agent, 'programs'), 'http://ua1.example.com:21112/activeupdate/OfficeScan');
  t.equal(itemsUrl(agent, 'domainSettings'), 'http://ua1.example.com:21112/activeupdate');
});

t.test('an entry of the list may be an OfficeScan server: that is the base of its components', async (t) => {
  const entry = { source: 'https://osce2.example.com/officescan/Download/', type: 'customized' } as const;
  t.equal(itemsUrl(entry, 'components'), 'https://osce2.example.com/officescan/Download');
  t.equal(itemsUrl(entry, 'programs'), 'https://osce2.example.com/officescan');
  t.equal(itemsUrl(entry, 'domainSettings'), 'https://osce2.example.com/officescan');
});

t.test('a URL is in one spelling', async (t) => {
  const vendor = {
    source: 'HTTPS://OSCE14-P.activeupdate.trendmicro.com:443/activeupdate/',
    type: 'activeUpdate',
  } as const;
  t.equal(itemsUrl(vendor, 'components'), 'https://osce14-p.activeupdate.trendmicro.com/activeupdate');
});
