import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { type Account, book, release, reserve, shortfall, type Wish } from '../../storage/accountant.ts';

const limits = { maxSize: 1000, minFree: 50 };
const DISK = 900;

const wish = (bytes: number, here = 0): Wish => ({ bytes, here });

t.test('a promise is refused in the name of the limit it would break', async (t) => {
  const account = { held: 600, reserved: 300 };
  t.strictSame(reserve(account, wish(100), 10_000, limits), { account: { held: 600, reserved: 400 } });
  t.match(reserve(account, wish(101), 10_000, limits), {
    refused: '600 bytes are held, 300 promised to downloads, and storage.maxSize is 1000',
  });
  t.strictSame(reserve(account, wish(50), 400, limits), { account: { held: 600, reserved: 350 } });
  t.match(reserve(account, wish(51), 400, limits), {
    refused: '400 bytes are free on the disk, 300 promised to downloads, and storage.minFree is 50',
  });
});

t.test('what is on the disk already takes no more of its space, and counts for the maximum', async (t) => {
  const account = { held: 600, reserved: 0 };
  t.strictSame(reserve(account, wish(300, 250), 100, limits), { account: { held: 600, reserved: 300 } });
  t.equal(shortfall(account, wish(300, 249), 100, limits), 1);
  t.equal(shortfall(account, wish(401, 400), 10_000, limits), 1);
});

t.test('whatever writers do, nothing is negative, above the maximum, or into the space kept free', async (t) => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('reserve' as const), bytes: fc.nat(700) }),
    fc.record({ does: fc.constantFrom('commit' as const, 'abort' as const), which: fc.nat(9), share: fc.nat(100) }),
    fc.record({ does: fc.constant('delete' as const), share: fc.nat(100) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let account: Account = { held: 0, reserved: 0 };
      const promised: number[] = [];
      for (const it of steps) {
        if (it.does === 'reserve') {
          const verdict = reserve(account, wish(it.bytes), DISK - account.held, limits);
          if ('account' in verdict) {
            account = verdict.account;
            promised.push(it.bytes);
          }
        } else if (it.does === 'delete') {
          account = book(account, -Math.floor((account.held * it.share) / 100));
        } else {
          const [bytes = 0] = promised.splice(it.which, 1);
          account = release(account, bytes);
          if (it.does === 'commit') account = book(account, Math.floor((bytes * it.share) / 100));
        }
        const { held, reserved } = account;
        const kept = held >= 0 && held + reserved <= limits.maxSize && DISK - held - reserved >= limits.minFree;
        if (!kept || reserved !== promised.reduce((sum, bytes) => sum + bytes, 0)) return false;
      }
      return true;
    }),
  );
  t.pass();
});
