import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { fraction } from '../../src/lab/random.ts';
import { assertSound } from '../storage/sound.ts';
import { openAt } from '../storage/store-folder.ts';
import { largestFile } from '../support/agents-view.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { type BranchOffice, branchOffice } from '../support/branch-office.ts';
import { fileIdentity, requestedIdentities, stagedIdentity } from '../support/identities.ts';
import type { RelayProcess } from '../support/relay-process.ts';
import { mirroredFiles } from '../support/release-truth.ts';
import { blobsOn, stagedOn } from '../support/store-on-disk.ts';
import { rounds } from './rounds.ts';

const ROUNDS = rounds(20);

// Milliseconds. A round takes one and a half seconds where nothing else runs.
t.setTimeout(60_000 + ROUNDS * 60_000);

t.test(`kill -9 in the middle of an update, ${ROUNDS} times, needs no hand`, async (t) => {
  t.comment(`rounds: ${ROUNDS}`);
  const office = await branchOffice(t, { seed: 'kill -9' });
  const { lab, store } = office;
  /** Identities of what is in the store for good. An object under way at a kill is not, up to its note in the staging. */
  const home = new Set<string>();

  for (let round = 1; round <= ROUNDS; round += 1) {
    const name = `round ${round}`;
    if (round % 4 === 0) {
      await completeUpdate(t, office, home, `before ${name}`);
      office.publishNext();
    }
    // The last object, and with it the update, takes a minute: longer than the round.
    lab.faults.on({ kind: 'slow', match: largestFile(office.release).path, bytesPerSecond: 1000 });
    const relay = await startInTime(t, office, name);
    const { release, wrong } = await office.view(relay, (_, at) => at % 5 === round % 5);
    t.strictSame(
      { serving: release !== null, wrong },
      { serving: round >= 4, wrong: [] },
      `${name}: agents get right bytes`,
    );
    await killInTheMiddle(t, office, relay, name);
    lab.faults.clear();

    await nothingHomeWasAskedFor(t, office, home, name);
    for (const object of stagedOn(store)) home.add(stagedIdentity(object));
    const damaged = [...blobsOn(store)].filter(([file, sha256]) => file !== sha256);
    t.strictSame(damaged, [], `${name}: every blob is what its name says`);
    if (round % 4 === 1) office.publishNext();
  }

  await completeUpdate(t, office, home, 'in the end');
  await assertSound(t, store, await openAt(t, store), 'in the end');
});

/** Somewhere in the first three quarters of what the update has to fetch. */
async function killInTheMiddle(t: Test, office: BranchOffice, relay: RelayProcess, name: string): Promise<void> {
  await office.joinUpdate(relay);
  const planned = Number((await relay.logged('update.planned'))['fetch']);
  const count = Math.floor(0.75 * fraction(`share of ${name}`) * planned);
  if (count > 0) await relay.logged('object.fetched', count);
  await pause(20 * fraction(`delay of ${name}`));
  await relay.kill();
  t.notOk(
    relay.log.some(({ event }) => event === 'update.published'),
    `${name}: killed at ${count} of ${planned}`,
  );
}

/** A start, an update nobody disturbs, one more to the next release, and an orderly end. */
async function completeUpdate(t: Test, office: BranchOffice, home: Set<string>, name: string): Promise<void> {
  const relay = await startInTime(t, office, name);
  await office.update(relay);
  await relay.logged('update.published');
  await nothingHomeWasAskedFor(t, office, home, name);
  await assertInvariants(t, office, relay, { name, release: office.release.number });
  const { release } = office;
  for (const file of mirroredFiles(release)) {
    if (file.kind !== 'signature') home.add(await fileIdentity(file, release));
  }
  t.match(await relay.stop(), { code: 0, stderr: '' });
  office.lab.reset();
}

/** An object that came home before a kill crosses the network never again. */
async function nothingHomeWasAskedFor(
  t: Test,
  { lab, release }: BranchOffice,
  home: Set<string>,
  name: string,
): Promise<void> {
  const again = (await requestedIdentities(lab, release)).filter((identity) => home.has(identity));
  t.strictSame(again, [], `${name}: nothing that was home is fetched again`);
  lab.reset();
}
