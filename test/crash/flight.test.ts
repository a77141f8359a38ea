import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { fraction } from '../../src/lab/random.ts';
import type { Release } from '../../src/lab/release.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { largestFile } from '../support/agents-view.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { type BranchOffice, branchOffice } from '../support/branch-office.ts';
import { type Download, download, type RunningDownload } from '../support/download.ts';
import { eventually } from '../support/eventually.ts';
import type { RelayProcess } from '../support/relay-process.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { rounds } from './rounds.ts';

const ROUNDS = rounds(3);

/** Full patterns come on demand. The largest has 3 MB at this scale, and all else next to nothing. */
const SETTINGS = { RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '64KiB' };
const SCALE = 0.05;

/** Bytes that may come twice: what a killed process had read and not yet written, and what was on the way. */
const UNDER_WAY = 1_000_000;

t.setTimeout(900_000 + ROUNDS * 20_000);

/** What comes on demand. */
async function wanted(release: Release): Promise<{ path: string; size: number; truth: Buffer }> {
  const file = largestFile(release);
  return { path: file.path, size: file.size, truth: await file.read() };
}

const urlOf = ({ agentsUrl }: RelayProcess, path: string): string => `${agentsUrl}/activeupdate/${path}`;

/** Agents that ask for one thing, some of them from a little later on: so near that none has a request of its own. */
function attach(relay: RelayProcess, path: string, size: number): RunningDownload[] {
  const ranges = ['', '', '', `bytes=${size >> 6}-`, `bytes=${size >> 5}-`];
  return ranges.map((range) => download(urlOf(relay, path), range === '' ? {} : { range }));
}

/** No agent has a wrong byte, and none takes what was cut for whole. */
function assertHonest(t: Test, ends: readonly Download[], truth: Buffer, name: string): void {
  for (const { status, headers, body, cut } of ends) {
    if (status === 0 || status === 503) continue;
    const [, start = '0'] = /^bytes (\d+)-/.exec(headers['content-range'] ?? '') ?? [];
    const expected = truth.subarray(Number(start));
    t.ok(body.equals(expected.subarray(0, body.length)), `${name}: ${body.length} right bytes from ${start} on`);
    t.equal(Number(headers['content-length']), expected.length, `${name}: their length is told`);
    t.equal(cut, body.length < expected.length, `${name}: what is not whole looks cut`);
  }
}

/** A source so slow that little is on its way at any moment; what it answers makes it fast again. */
function slow({ lab }: BranchOffice, path: string): () => void {
  return lab.faults.on({ kind: 'slow', match: path, bytesPerSecond: 3_000_000 });
}

/** No more has crossed the network than one kill, or one cut, costs. */
function assertOnce(t: Test, office: BranchOffice, path: string, size: number, name: string): void {
  const sent = sentOf(office, path);
  t.ok(sent < size + UNDER_WAY, `${name}: ${sent} bytes have crossed the network for ${size}`);
}

/** Bytes of it that have left the source since its last reset. */
function sentOf({ lab }: BranchOffice, path: string): number {
  return lab.requests.filter((request) => request.path === path).reduce((sum, { bytes }) => sum + bytes, 0);
}

t.test(`kill -9 in the middle of a flight with agents attached, ${ROUNDS} times`, async (t) => {
  t.comment(`rounds: ${ROUNDS}`);
  const office = await branchOffice(t, { seed: 'kill a flight', shape: 'small', scale: SCALE });
  for (let round = 1; round <= ROUNDS; round += 1) {
    const name = `round ${round}`;
    const relay = await startInTime(t, office, name, { settings: SETTINGS });
    if (round > 1) {
      office.publishNext();
      await office.update(relay);
    }
    await relay.logged('update.published');
    const { number } = office.release;
    const { path, size, truth } = await wanted(office.release);
    office.lab.reset();
    const fastAgain = slow(office, path);
    const agents = attach(relay, path, size);
    const share = 0.1 + 0.7 * fraction(name);
    await eventually(`${name}: some of it is here`, () => sentOf(office, path) > share * size);
    await relay.kill();
    fastAgain();
    const ends = await Promise.all(agents.map(({ end }) => end));
    assertHonest(t, ends, truth, name);
    t.ok(
      ends.some(({ cut }) => cut),
      `${name}: the kill came in the middle`,
    );

    const next = await startInTime(t, office, `after ${name}`, { settings: SETTINGS });
    const [first] = ends;
    const half = first?.body ?? Buffer.alloc(0);
    const again = [...attach(next, path, size), download(urlOf(next, path), { range: `bytes=${half.length}-` })];
    const ended = await Promise.all(again.map(({ end }) => end));
    assertHonest(t, ended, truth, `after ${name}`);
    t.notOk(
      ended.some(({ cut, status }) => cut || status >= 300),
      `${name}: everybody gets it now`,
    );
    const rest = ended.at(-1)?.body ?? Buffer.alloc(0);
    t.ok(Buffer.concat([half, rest]).equals(truth), `${name}: two halves of one agent are the whole`);
    assertOnce(t, office, path, size, name);
    await assertInvariants(t, office, next, { name, release: number, said: { event: 'flight.landed', path } });
    t.match(await next.stop(), { code: 0, stderr: '' });
  }
});

t.test('a source that resets half-way through a flight, and comes back', async (t) => {
  const office = await branchOffice(t, { seed: 'reset', shape: 'small', scale: SCALE });
  const relay = await startInTime(t, office, 'the first', { settings: SETTINGS });
  await relay.logged('update.published');
  const { path, size, truth } = await wanted(office.release);
  office.lab.reset();
  slow(office, path);
  const again = Promise.withResolvers<void>();
  office.lab.faults.on({ kind: 'reset', match: path, after: size >> 1, when: again.promise, times: 1 });
  const agents = attach(relay, path, size);
  await eventually('half of it', () => sentOf(office, path) >= size >> 1);
  // And once more before its first byte.
  office.lab.faults.on({ kind: 'reset', match: path, times: 1 });
  again.resolve();
  const ends = await Promise.all(agents.map(({ end }) => end));
  assertHonest(t, ends, truth, 'through two resets');
  t.notOk(
    ends.some(({ cut, status }) => cut || status >= 300),
    'agents notice a pause alone',
  );
  assertOnce(t, office, path, size, 'through two resets');
  await assertInvariants(t, office, relay, {
    name: 'after resets',
    release: 1,
    said: { event: 'flight.landed', path },
  });
});

t.test('a source that is away half-way through a flight, and comes back', async (t) => {
  const office = await branchOffice(t, { seed: 'away', shape: 'small', scale: SCALE });
  const relay = await startInTime(t, office, 'the first', { settings: SETTINGS });
  await relay.logged('update.published');
  const { path, size, truth } = await wanted(office.release);
  office.lab.reset();
  slow(office, path);
  const gone = Promise.withResolvers<void>();
  office.lab.faults.on({ kind: 'reset', match: path, after: size >> 1, when: gone.promise, times: 1 });
  const agents = attach(relay, path, size);
  await eventually('half of it', () => sentOf(office, path) >= size >> 1);
  const back = office.lab.faults.on({ kind: 'reset', match: path });
  gone.resolve();
  // All tries of one round, and of another.
  await relay.logged('object.failed', 2);
  back();
  const ends = await Promise.all(agents.map(({ end }) => end));
  assertHonest(t, ends, truth, 'while it is away');
  t.notOk(
    ends.some(({ cut, status }) => cut || status >= 300),
    'agents notice a pause alone',
  );
  assertOnce(t, office, path, size, 'when it is back');
  await assertInvariants(t, office, relay, {
    name: 'when it is back',
    release: 1,
    said: { event: 'flight.landed', path },
  });
});

const disk = temporaryFolder(t);

t.test('a disk that fills up in the middle of a flight', { skip: mountSmallDisk(t, disk, 'size=24m') }, async (t) => {
  const office = await branchOffice(t, { seed: 'full', shape: 'small', scale: SCALE, store: join(disk, 'store') });
  const relay = await startInTime(t, office, 'the first', { settings: SETTINGS });
  await relay.logged('update.published');
  const { path, size, truth } = await wanted(office.release);
  office.lab.reset();
  const fastAgain = slow(office, path);
  const agents = attach(relay, path, size);
  await eventually('half of it is here', () => sentOf(office, path) > size >> 1);
  const somebodyElse = join(disk, 'somebody else');
  t.throws(() => writeFileSync(somebodyElse, Buffer.alloc(24 * 1024 * 1024)), { code: 'ENOSPC' });
  fastAgain();
  const ends = await Promise.all(agents.map(({ end }) => end));
  assertHonest(t, ends, truth, 'while it fills up');
  t.notOk(
    ends.some(({ cut, status }) => cut || status >= 300),
    'those who follow it notice nothing',
  );
  assertOnce(t, office, path, size, 'while it fills up');
  const through = await Promise.all(attach(relay, path, size).map(({ end }) => end));
  assertHonest(t, through, truth, 'on the full disk');
  t.notOk(
    through.some(({ cut, status }) => cut || status >= 300),
    'it passes through',
  );
  rmSync(somebodyElse);
  await assertInvariants(t, office, relay, { name: 'with room again', release: 1 });
});
