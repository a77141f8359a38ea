import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../storage/store-folder.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { makeReadOnly } from '../support/small-disk.ts';

/** Whether a folder can be made read-only here at all. */
function reasonToSkip(): string | false {
  const tried = makeReadOnly(t, temporaryFolder(t));
  if (typeof tried === 'string') return tried;
  tried();
  return false;
}

t.test('a file system that turns read-only under a relay', { skip: reasonToSkip() }, async (t) => {
  const store = join(temporaryFolder(t), 'store');
  mkdirSync(store);
  const office = await branchOffice(t, { seed: 'read-only', shape: 'small', store });
  const relay = await startInTime(t, office, 'the first');
  await relay.logged('update.published');
  office.publishNext();
  await office.updateUnderWay(relay);
  const writable = makeReadOnly(t, store);
  if (typeof writable === 'string') throw new Error(writable);
  t.match(await relay.logged('update.failed'), { generation: 1, error: /^RLY_STORAGE_READ_ONLY: / });
  t.strictSame(
    await office.view(relay, ({ kind }) => kind !== 'program'),
    { release: 1, wrong: [] },
    'what is on disk is served',
  );
  await t.rejects(office.update(relay), /503 .*RLY_STORAGE_READ_ONLY/, 'what cannot be noted is not done');

  writable();
  await office.update(relay);
  await relay.logged('update.published', 2);
  const said = { event: 'update.failed', error: /^RLY_STORAGE_READ_ONLY: .* mounted read-only/ } as const;
  await assertInvariants(t, office, relay, { name: 'writable again', release: 2, said });
  t.match(await relay.stop(), { code: 0, stderr: '' });
});
