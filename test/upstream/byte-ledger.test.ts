import t from 'tap';
import { createByteLedger } from '../../src/upstream/byte-ledger.ts';

t.test('bytes are booked under their source and their kind', async (t) => {
  const ledger = createByteLedger();
  t.equal(ledger.total(), 0);
  ledger.add('http://one', 'components', 10);
  ledger.add('http://one', 'programs', 5);
  ledger.add('http://one', 'components', 1);
  ledger.add('http://two', 'components', 100);
  t.equal(ledger.total('http://one'), 16);
  t.equal(ledger.total('http://nobody'), 0);
  t.equal(ledger.total(), 116);
  t.strictSame(ledger.rows(), [
    { source: 'http://one', kind: 'components', bytes: 11 },
    { source: 'http://one', kind: 'programs', bytes: 5 },
    { source: 'http://two', kind: 'components', bytes: 100 },
  ]);
});
