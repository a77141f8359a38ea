import { hash } from 'node:crypto';
import t from 'tap';
import { flipBit } from '../storage/damages.ts';
import { blobFile } from '../storage/store-folder.ts';
import { largestFile } from '../support/agents-view.ts';
import { assertInvariants } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { mirroredFiles } from '../support/release-truth.ts';

t.test(
  'a bit that flipped on the disk reaches no agent: the log says so, and the object comes anew, once',
  async (t) => {
    const office = await branchOffice(t, { seed: 'flipped bit', shape: 'small', scale: 0.05 });
    const first = await office.startRelay();
    await first.logged('update.published');
    await first.stop();

    const small = mirroredFiles(office.release).find(({ kind }) => kind === 'incremental');
    const files = [largestFile(office.release), ...(small ? [small] : [])];
    t.equal(files.length, 2, 'one that is answered from memory, and one that is not');
    for (const file of files) flipBit(blobFile(office.store, hash('sha256', await file.read())));

    const relay = await office.startRelay();
    office.lab.reset();
    t.strictSame(await office.view(relay), { release: 1, wrong: [] });
    for (const file of files) {
      const sha256 = hash('sha256', await file.read());
      t.match(
        relay.log.find((line) => line.event === 'blob.broken' && line['sha256'] === sha256),
        { reason: /hash/ },
      );
    }
    t.strictSame(await office.view(relay), { release: 1, wrong: [] });
    const asked = office.lab.requests.map(({ path }) => path).filter((path) => path !== 'server.ini');
    t.strictSame(new Set(asked), new Set(files.map(({ path }) => path)));
    t.equal(asked.length, files.length, 'each of them once');
    const said = { event: 'blob.broken', reason: /hash/ } as const;
    await assertInvariants(t, office, relay, { name: 'after flipped bits', release: 1, said });
  },
);
