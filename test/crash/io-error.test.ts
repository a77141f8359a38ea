import { hash } from 'node:crypto';
import t from 'tap';
import { blobFile } from '../storage/store-folder.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { failCalls, failingCallsRefused } from '../support/failing-calls.ts';
import { mirroredFiles } from '../support/release-truth.ts';

const options = { skip: failingCallsRefused() };

const WRITING: Record<string, string> = {
  'can no longer be written to': 'pwrite64',
  'loses what is synced to it': 'fsync,fdatasync',
  'gives no new names': 'rename',
};

t.test('EIO: a disk that fails, and then does not', options, async (t) => {
  const office = await branchOffice(t, { seed: 'EIO', shape: 'small' });
  const relay = await startInTime(t, office, 'the first');
  await relay.logged('update.published');
  t.strictSame(await office.view(relay), { release: 1, wrong: [] });
  for (const [what, calls] of Object.entries(WRITING)) {
    await t.test(`it ${what}`, async (t) => {
      const { number } = office.release;
      const linesOf = (name: string) => relay.log.filter(({ event }) => event === name).length;
      const [failed, published] = [linesOf('update.failed'), linesOf('update.published')];
      office.publishNext();
      await office.updateUnderWay(relay);
      const letGo = await failCalls(relay.pid, calls);
      const said = { event: 'update.failed', error: /^RLY_STORAGE_IO: .* failed with EIO$/ } as const;
      t.match(await relay.logged('update.failed', failed + 1), said);
      t.strictSame(await office.view(relay), { release: number, wrong: [] }, 'what is there is served');
      await letGo();

      await office.update(relay);
      await relay.logged('update.published', published + 1);
      await assertInvariants(t, office, relay, { name: 'a disk that works again', release: number + 1, said });
    });
  }
  t.match(await relay.stop(), { code: 0, stderr: '' });
});

t.test('EIO: an object that lies on a bad sector', options, async (t) => {
  const office = await branchOffice(t, { seed: 'bad sector', shape: 'small' });
  const first = await startInTime(t, office, 'the first');
  await first.logged('update.published');
  await first.stop();

  const file = mirroredFiles(office.release).find(({ kind }) => kind === 'incremental');
  if (!file) throw new Error('the release has no incrementals');
  const sha256 = hash('sha256', await file.read());
  const relay = await startInTime(t, office, 'on a bad sector');
  const letGo = await failCalls(relay.pid, 'read,pread64', blobFile(office.store, sha256));
  t.strictSame(await office.view(relay), { release: 1, wrong: [] }, 'it comes anew, in the same request');
  await letGo();
  const said = { event: 'blob.broken', sha256, reason: /EIO/ } as const;
  await assertInvariants(t, office, relay, { name: 'when it can be read again', release: 1, said });
});
