import t from 'tap';
import { describeUpdate, parseAllowance } from '../../src/mirror/allowance.ts';

t.test('nothing asked for is nothing allowed', async (t) => {
  t.equal(parseAllowance({ older: false, shrink: false, reason: undefined }), undefined);
  t.equal(describeUpdate(undefined), 'an update');
});

t.test('what is allowed has a reason, and a reason something that it allows', async (t) => {
  const reason = ' the vendor took it back ';
  const allow = { older: true, shrink: false, reason: 'the vendor took it back' };
  t.strictSame(parseAllowance({ older: true, shrink: false, reason }), allow);
  t.strictSame(parseAllowance({ older: true, shrink: true, reason }), { ...allow, shrink: true });
  for (const flaw of [undefined, '', ' \n', 'x'.repeat(501)]) {
    t.match(parseAllowance({ older: false, shrink: true, reason: flaw }), /takes a reason of 1 to 500 characters/);
  }
  t.match(parseAllowance({ older: false, shrink: false, reason }), /a reason goes with/);
});

t.test('the log has it in words', async (t) => {
  t.equal(describeUpdate({ older: false, shrink: true, reason: 'so' }), 'an update that may shrink: so');
  t.equal(describeUpdate({ older: true, shrink: true, reason: 'so' }), 'an update that may go back and shrink: so');
});
