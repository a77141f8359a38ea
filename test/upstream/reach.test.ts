import t from 'tap';
import { entryFor } from '../../src/upstream/reach.ts';

const entries = ['https://a.example.com', 'https://a.example.com/officescan', 'http://b.example.com:8080/x'].map(
  (prefix) => ({ prefix }),
);
const prefixOf = (url: string) => entryFor(url, entries)?.prefix;

t.test('the longest prefix decides, whatever the order', async (t) => {
  const url = 'https://a.example.com/officescan/download/server.ini';
  t.equal(prefixOf(url), 'https://a.example.com/officescan');
  t.equal(entryFor(url, entries.toReversed())?.prefix, 'https://a.example.com/officescan');
  t.equal(prefixOf('https://a.example.com/other'), 'https://a.example.com');
});

t.test('a prefix ends where a segment ends, and the host with it', async (t) => {
  t.equal(prefixOf('https://a.example.com/officescan2/server.ini'), 'https://a.example.com');
  t.equal(prefixOf('https://a.example.com.evil.example/officescan'), undefined);
  t.equal(prefixOf('https://a.example.com:4343/officescan'), undefined);
  t.equal(prefixOf('http://a.example.com/officescan'), undefined);
  t.equal(prefixOf('http://b.example.com:8080/x'), 'http://b.example.com:8080/x');
});
