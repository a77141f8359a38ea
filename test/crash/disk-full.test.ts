import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../storage/store-folder.ts';
import { largestFile } from '../support/agents-view.ts';
import { branchOffice } from '../support/branch-office.ts';
import { eventually } from '../support/eventually.ts';
import { findTool } from '../support/tool.ts';
import { temporariesOn } from './on-disk.ts';

/** Bytes. Room for two releases at the scale below, with as many downloads at a time as there are. */
const DISK_SIZE = 24 * 1024 * 1024;

/** Mounts a disk for this test alone; answers what stands in the way of that. */
function mountSmallDisk(folder: string): string | false {
  const [mount, umount] = [findTool('mount'), findTool('umount')];
  if (!mount || !umount) return 'not installed here: mount, umount';
  const args = ['-t', 'tmpfs', '-o', `size=${DISK_SIZE},mode=700`, 'tmpfs', folder];
  const { status, stderr } = spawnSync(mount, args, { encoding: 'utf8' });
  if (status !== 0) return `no mounts here: ${stderr.trim()}`;
  t.teardown(() => spawnSync(umount, ['--lazy', folder]));
  return false;
}

t.setTimeout(120_000);

const disk = temporaryFolder(t);
/** Takes all the room that is left. */
const somebodyElse = join(disk, 'somebody else');

t.test('a disk that fills up during an update', { skip: mountSmallDisk(disk) }, async (t) => {
  const office = await branchOffice(t, { seed: 'disk full', scale: 0.01, store: join(disk, 'store') });
  const relay = await office.startRelay();
  await relay.logged('update.published');

  await t.test('the update fails and says why; agents get the generation before', async (t) => {
    office.publishNext();
    office.lab.reset();
    const { path } = largestFile(office.release);
    const fastAgain = office.lab.faults.on({ kind: 'slow', match: path, bytesPerSecond: 200_000 });
    await office.update(relay);
    await eventually('the largest object is on its way', () =>
      office.lab.requests.some((it) => it.path === path && it.bytes > 0),
    );
    t.throws(() => writeFileSync(somebodyElse, Buffer.alloc(DISK_SIZE)), { code: 'ENOSPC' });
    fastAgain();
    t.match(await relay.logged('update.failed'), { generation: 1, error: /^RLY_STORAGE_FULL: / });
    const { generation, update } = await office.status(relay);
    t.match(
      { generation, update },
      { generation: { number: 1 }, update: { state: 'idle', lastError: /^RLY_STORAGE_FULL: / } },
    );
    t.strictSame(await office.view(relay), { release: 1, wrong: [] });
    t.strictSame(temporariesOn(office.store), []);
    t.match(await relay.stop(), { code: 0, stderr: '' });
  });

  const next = await office.startRelay();
  await t.test('a start on the full disk serves the same, and still cannot update', async (t) => {
    t.equal((await fetch(`${next.adminUrl}/readyz`)).status, 200);
    t.strictSame(await office.view(next), { release: 1, wrong: [] });
    await office.update(next);
    t.match(await next.logged('update.failed'), { generation: 1, error: /^RLY_STORAGE_FULL: / });
  });

  await t.test('with space again, the next update completes', async (t) => {
    rmSync(somebodyElse);
    await office.update(next);
    await next.logged('update.published');
    t.strictSame(await office.view(next), { release: 2, wrong: [] });
    t.strictSame(temporariesOn(office.store), []);
  });
});
