import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { branchOffice } from '../support/branch-office.ts';
import { eventually } from '../support/eventually.ts';

const MINUTE = 60_000;

t.test('a source that said when to come back is not asked before, whatever becomes of the relay', async (t) => {
  const office = await branchOffice(t, { seed: 'Retry-After', shape: 'small' });
  office.lab.faults.on({ kind: 'status', status: 429, retryAfter: 3600 });
  const asked = () => office.lab.requests.length;

  const first = await office.startRelay();
  const toldAt = Date.now();
  t.match(await first.logged('update.failed'), { error: /answered 429 and asks to come back in 3600 s/ });
  t.equal(asked(), 1, 'and is not tried a second time');
  const notes = join(office.store, 'notes');
  await eventually('it is noted', () => existsSync(notes) && readFileSync(notes, 'utf8').includes('UPSTREAM_BUSY'));
  await first.kill();

  const second = await office.startRelay();
  await eventually('the next update has its time', async () => (await office.status(second)).update.nextAt !== null);
  const { update, sources } = await office.status(second);
  for (const time of [update.nextAt, sources[0]?.notBefore]) {
    const minutes = (Date.parse(time ?? '') - toldAt) / MINUTE;
    t.ok(minutes > 59.9 && minutes < 66.1, `${minutes} min after it was told`);
  }
  t.match(sources, [{ state: 'failing', lastError: /^RLY_UPSTREAM_BUSY: / }]);
  t.equal(asked(), 1, 'a start is no reason to ask');

  await office.update(second);
  t.match(await second.logged('update.failed'), { error: /answered 429/ });
  t.equal(asked(), 2, 'an administrator is');
  t.match(await second.stop(), { code: 0, stderr: '' });

  office.lab.faults.clear();
  const third = await office.startRelay();
  t.equal(asked(), 2);
  await office.update(third);
  await third.logged('update.published');
  t.strictSame(await office.view(third), { release: 1, wrong: [] });
  t.equal((await office.status(third)).sources[0]?.notBefore, null);
});
