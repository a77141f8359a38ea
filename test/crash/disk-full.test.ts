import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../storage/store-folder.ts';
import { largestFile } from '../support/agents-view.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { eventually } from '../support/eventually.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { temporariesOn } from '../support/store-on-disk.ts';

/** Bytes. Room for two releases at the scale below, with as many downloads at a time as there are. */
const DISK_SIZE = 24 * 1024 * 1024;

/** Files and folders: far more than three releases take. */
const DISK_INODES = 2000;

interface Fullness {
  readonly limits: string;
  readonly shape: 'full' | 'small';
  readonly error: RegExp;
  /** Takes all that is left of the disk. */
  readonly fill: (t: Test, disk: string) => void;
  readonly free: (disk: string) => void;
}

const somebodyElse = (disk: string): string => join(disk, 'somebody else');

const FULL: Record<string, Fullness> = {
  'space, which runs out': {
    limits: `size=${DISK_SIZE}`,
    shape: 'full',
    error: /^RLY_STORAGE_FULL: /,
    fill: (t, disk) =>
      void t.throws(() => writeFileSync(somebodyElse(disk), Buffer.alloc(DISK_SIZE)), { code: 'ENOSPC' }),
    free: (disk) => rmSync(somebodyElse(disk)),
  },
  'inodes, which run out': {
    limits: `size=${DISK_SIZE},nr_inodes=${DISK_INODES}`,
    shape: 'small',
    error: /^RLY_STORAGE_FULL: .*no inodes left/,
    fill(t, disk) {
      const all = (): void => {
        for (let number = 0; number < DISK_INODES; number += 1) writeFileSync(`${somebodyElse(disk)} ${number}`, '');
      };
      t.throws(all, { code: 'ENOSPC' });
    },
    free(disk) {
      for (let number = 0; number < DISK_INODES; number += 1)
        rmSync(`${somebodyElse(disk)} ${number}`, { force: true });
    },
  },
};

for (const [what, { limits, shape, error, fill, free }] of Object.entries(FULL)) {
  const disk = temporaryFolder(t);
  t.test(`a disk and its ${what} during an update`, { skip: mountSmallDisk(t, disk, limits) }, async (t) => {
    const office = await branchOffice(t, { seed: 'disk full', scale: 0.01, shape, store: join(disk, 'store') });
    const relay = await startInTime(t, office, 'the first');
    await relay.logged('update.published');
    t.strictSame(await office.view(relay), { release: 1, wrong: [] }, 'what comes on demand is here too');

    await t.test('the update fails and says why; agents get the generation before', async (t) => {
      office.publishNext();
      office.lab.reset();
      const { path } = largestFile(office.release);
      const fastAgain = office.lab.faults.on({ kind: 'slow', match: path, bytesPerSecond: 200_000 });
      await office.update(relay);
      await eventually('the largest object is on its way', () =>
        office.lab.requests.some((it) => it.path === path && it.bytes > 0),
      );
      fill(t, disk);
      fastAgain();
      t.match(await relay.logged('update.failed'), { generation: 1, error });
      const { generation, update } = await office.status(relay);
      t.match({ generation, update }, { generation: { number: 1 }, update: { state: 'idle', lastError: error } });
      t.strictSame(await office.view(relay), { release: 1, wrong: [] });
      // A note may be on its way to the disk at any moment: none stays.
      await eventually('no temporary is left', () => temporariesOn(office.store).length === 0);
      t.match(await relay.stop(), { code: 0, stderr: '' });
    });

    const next = await startInTime(t, office, 'on the full disk');
    await t.test('a start on the full disk serves the same, and still cannot update', async (t) => {
      t.strictSame(await office.view(next), { release: 1, wrong: [] });
      t.match(await next.logged('update.failed'), { generation: 1, error });
    });

    await t.test('with room again, the next update completes', async (t) => {
      free(disk);
      await office.update(next);
      await next.logged('update.published');
      const said = { event: 'update.failed', error } as const;
      await assertInvariants(t, office, next, { name: 'with room again', release: 2, said });
    });
  });
}
