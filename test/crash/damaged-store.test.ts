import { hash } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LabFile } from '../../src/lab/release.ts';
import { DAMAGES, flipBit } from '../storage/damages.ts';
import { blobFile } from '../storage/store-folder.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { type BranchOffice, branchOffice } from '../support/branch-office.ts';
import type { RelayProcess } from '../support/relay-process.ts';
import { mirroredFiles } from '../support/release-truth.ts';

/** An office whose store has release 1, and no relay at work in it. */
async function stocked(t: Test, seed: string): Promise<BranchOffice> {
  const office = await branchOffice(t, { seed, shape: 'small' });
  const relay = await startInTime(t, office, 'the first');
  await relay.logged('update.published');
  await relay.stop();
  office.lab.reset();
  return office;
}

/** Befalls one blob with each kind of damage that can be made here; answers what they were. */
async function damageBlobs({ release, store }: BranchOffice): Promise<LabFile[]> {
  const files = mirroredFiles(release, { programs: false }).filter(({ kind }) => kind !== 'signature');
  const victims: LabFile[] = [];
  for (const [at, { make, options }] of Object.values(DAMAGES).entries()) {
    const victim = files[at * 3];
    if (!victim || options?.skip) continue;
    const bytes = await victim.read();
    make(blobFile(store, hash('sha256', bytes)), bytes);
    victims.push(victim);
  }
  return victims;
}

/** What crossed the network, without the index. */
function sent({ lab }: BranchOffice): Set<string> {
  return new Set(lab.requests.flatMap(({ path, bytes }) => (path === 'server.ini' || bytes === 0 ? [] : [path])));
}

/** The update of its own that a relay makes in the first half minute would bring home what is damaged, and nobody else find it. */
async function updateBehind(office: BranchOffice, relay: RelayProcess): Promise<void> {
  await office.update(relay);
  await relay.logged('update.unchanged');
}

const noProgram = ({ kind }: LabFile): boolean => kind !== 'program';

const pathsOf = (files: readonly LabFile[]): Set<string> => new Set(files.map(({ path }) => path));

t.test('blobs that are lost, cut, altered or replaced under a relay come again in the same request', async (t) => {
  const office = await stocked(t, 'under a relay');
  const relay = await startInTime(t, office, 'the second');
  await updateBehind(office, relay);
  const victims = await damageBlobs(office);
  t.strictSame(await office.view(relay, noProgram), { release: 1, wrong: [] });
  t.strictSame(sent(office), pathsOf(victims), 'and nothing else does');
  const told = relay.log.filter(({ event }) => event === 'blob.broken');
  t.equal(told.length, victims.length);
  await relay.stop();
  // What was in the way of a blob goes with the temporaries.
  const again = await startInTime(t, office, 'after a restart');
  await assertInvariants(t, office, again, { name: 'after damage under a relay', release: 1 });
});

t.test('blobs that are lost, cut, altered or replaced while no relay runs cost these, and no others', async (t) => {
  const office = await stocked(t, 'no relay');
  const victims = await damageBlobs(office);
  const relay = await startInTime(t, office, 'on damaged blobs');
  await relay.logged('update.published');
  t.strictSame(await office.view(relay, noProgram), { release: 1, wrong: [] });
  t.strictSame(sent(office), pathsOf(victims));
  t.match(await relay.logged('store.generation-lacking'), { number: 1, reason: /^it lacks / });
  await relay.stop();
  const again = await startInTime(t, office, 'after a restart');
  await assertInvariants(t, office, again, { name: 'after damage at rest', release: 1 });
});

t.test('a blob that is damaged while no source answers is missed alone, and comes when one does', async (t) => {
  const office = await stocked(t, 'source down');
  const file = mirroredFiles(office.release).find(({ kind }) => kind === 'incremental');
  flipBit(blobFile(office.store, hash('sha256', (await file?.read()) ?? Buffer.alloc(0))));
  const wellAgain = office.lab.faults.on({ kind: 'status', status: 503 });
  const relay = await startInTime(t, office, 'while the source is down');
  t.strictSame(await office.view(relay, noProgram), { release: 1, wrong: [`${file?.path}: 503`] });
  wellAgain();
  await office.update(relay);
  await relay.logged('update.published');
  const said = { event: 'blob.broken', reason: /^it has the hash / } as const;
  await assertInvariants(t, office, relay, { name: 'with a source again', release: 1, said });
});

t.test('a walk over the store finds what nobody asks for, and a repair brings it back', async (t) => {
  const office = await stocked(t, 'walk');
  const relay = await startInTime(t, office, 'the second');
  await updateBehind(office, relay);
  const victims = await damageBlobs(office);
  await office.repair(relay);
  t.match(await relay.logged('store.scrubbed'), { broken: victims.length, unread: 0 });
  await relay.logged('update.published');
  t.strictSame(await office.view(relay, noProgram), { release: 1, wrong: [] });
  await relay.stop();
  const again = await startInTime(t, office, 'after a restart');
  await assertInvariants(t, office, again, { name: 'after a repair', release: 1 });
});

const POINTERS: Record<string, { readonly reason: RegExp; readonly make: (file: string) => void }> = {
  torn: { reason: /^it is torn/, make: (file) => truncateSync(file, 30) },
  empty: { reason: /^it is torn/, make: (file) => truncateSync(file) },
  'pointing nowhere': {
    reason: /^it names generation 99, which is not whole/,
    make: (file) => writeFileSync(file, `99 ${hash('sha256', 'current 99')}\n`),
  },
};

t.test('a pointer that cannot be followed', async (t) => {
  const office = await stocked(t, 'pointer');
  for (const [name, { reason, make }] of Object.entries(POINTERS)) {
    const { number } = office.release;
    make(join(office.store, 'current'));
    const relay = await startInTime(t, office, name);
    const said = { event: 'store.pointer-mended', reason } as const;
    await assertInvariants(t, office, relay, { name, release: number, said });
    t.match(await relay.stop(), { code: 0, stderr: '' });
  }
});
