import t from 'tap';
import { cameBy, relaysIn, viaField } from '../../src/ports/via.ts';

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

t.test('the relays an answer came through are told from proxies, and are not without end', async (t) => {
  const name = (number: number) => `relay-00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  t.strictSame(relaysIn(null), []);
  t.strictSame(relaysIn(viaField([name(1), name(2)])), [name(1), name(2)], 'in their order');
  t.strictSame(relaysIn(`1.1 ${name(1)}, 1.0 fred (squid), HTTP/1.1 ${name(2)}`), [name(1), name(2)]);
  t.strictSame(relaysIn('1.1 relay-1, 1.1 proxy.example.com, 1.1 relay-"</script>'), []);
  const many = Array.from({ length: 40 }, (_, i) => name(i));
  t.strictSame(relaysIn(viaField(many)), many.slice(-16));
});
