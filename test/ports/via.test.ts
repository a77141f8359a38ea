import t from 'tap';
import { cameBy } from '../../src/ports/via.ts';

t.test('a request that was sent under a name is known by it, also behind proxies that added theirs', async (t) => {
  t.ok(cameBy('1.1 relay-1', 'relay-1'));
  t.ok(cameBy('1.0 fred, 1.1 relay-1 (a comment),1.1 proxy.example.com:3128', 'relay-1'));
  t.ok(cameBy('HTTP/1.1   relay-1', 'relay-1'));
});

t.test('and by no other', async (t) => {
  for (const via of [undefined, '', ',', 'relay-1', '1.1 relay-10', '1.1 squid (relay-1)', '1.1 relay-2, 1.1 squid']) {
    t.notOk(cameBy(via, 'relay-1'), String(via));
  }
});
