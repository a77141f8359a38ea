import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import { createRepairs, repairStore, type RepairPhase } from '../../src/mirror/repair.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Blob } from '../../src/ports/store.ts';
import { DAMAGES, flipBit } from '../storage/damages.ts';
import { blobFile, temporaryFolder } from '../storage/store-folder.ts';
import { catalogue, mirrorBench } from '../support/mirror-bench.ts';
import { generationDifferences } from '../support/release-truth.ts';

const never = new AbortController().signal;
const noted = async (): Promise<void> => {};

/** A mirror with release 1 as generation 1, and all a repair of its store takes. */
async function scene(t: Test) {
  const path = temporaryFolder(t);
  const bench = await mirrorBench(t, { path });
  await bench.mirror.update('schedule');
  const [generation] = bench.store.generations.list();
  const victims: readonly Blob[] = [generation?.objects[0], generation?.objects.at(-1)].flatMap((it) => it ?? []);
  const { store, mirror, events, context } = bench;
  let reachable = true;
  const parts = {
    store,
    mirror,
    events,
    pinned: context.pinned,
    dryRun: () => (reachable ? Promise.resolve() : mirror.update('schedule')),
    examine: async () => {
      for (const blob of store.inventory()) await store.check(blob);
    },
  };
  const cutOff = (): void => {
    reachable = false;
    bench.lab.faults.on({ kind: 'status', status: 503 });
  };
  return { ...bench, path, parts, victims, cutOff, fileOf: ({ sha256 }: Blob) => blobFile(path, sha256) };
}

t.test('what was damaged is right again, and its generation served', async (t) => {
  const { store, lab, path, parts, victims, fileOf } = await scene(t);
  for (const victim of victims) flipBit(fileOf(victim));
  truncateSync(join(path, 'current'));
  lab.reset();
  const phases: RepairPhase[] = [];
  await repairStore(parts, never, (phase) => phases.push(phase));
  t.strictSame(phases, ['asking', 'reading', 'updating', 'mending']);
  t.strictSame(await generationDifferences(catalogue.release(1), store), []);
  const patterns = lab.requests.filter(({ path: asked }) => asked.endsWith('.zip') && !/product/i.test(asked));
  t.ok(patterns.length <= victims.length, 'nothing else crosses the network again');
  t.equal(store.generations.current()?.number, 2);
});

t.test('while no source answers, nothing damaged is deleted, and all else is mended', async (t) => {
  const { path, parts, victims, fileOf, cutOff } = await scene(t);
  for (const victim of victims) flipBit(fileOf(victim));
  truncateSync(join(path, 'current'));
  cutOff();
  await t.rejects(repairStore(parts, never), { code: 'RLY_UPDATE_NO_SOURCE' });
  for (const victim of victims) t.ok(existsSync(fileOf(victim)));
  t.match(readFileSync(join(path, 'current'), 'utf8'), /^1 /, 'the pointer');
});

t.test('damage that stands in the way of the plan is repaired too', async (t) => {
  const { store, parts, events } = await scene(t);
  const [generation] = store.generations.list();
  await repairStore({ ...parts, dryRun: () => store.blobs.read({ sha256: 'f'.repeat(64), size: 1 }) }, never);
  t.strictSame(await generationDifferences(catalogue.release(1), store, generation), []);
  t.strictSame(events.of('store.not-repaired'), []);
});

t.test('repairs of a store in use', async (t) => {
  t.test('run one at a time, and say how they are', async (t) => {
    const { parts, victims, fileOf } = await scene(t);
    for (const victim of victims) DAMAGES['truncated']?.make(fileOf(victim), Buffer.alloc(victim.size));
    const repairs = createRepairs({ ...parts, clock: systemClock });
    t.strictSame(repairs.view(), { state: 'idle', lastError: null, lastEndAt: null });
    let notes = 0;
    const note = async () => void (notes += 1);
    const asked = [repairs.request(note), repairs.request(note)];
    t.equal(repairs.view().state, 'asking');
    t.strictSame(await Promise.all(asked), [true, false]);
    t.equal(notes, 1, 'what begins nothing is not noted');
    while (repairs.view().state !== 'idle') await new Promise(setImmediate);
    t.match(repairs.view(), { state: 'idle', lastError: null, lastEndAt: /Z$/ });
    for (const victim of victims) t.equal(await parts.store.check(victim), null);
  });

  t.test('do not begin where that cannot be noted', async (t) => {
    const { parts } = await scene(t);
    const repairs = createRepairs({ ...parts, clock: systemClock });
    await t.rejects(
      repairs.request(() => Promise.reject(new Error('a full disk'))),
      /a full disk/,
    );
    t.strictSame(repairs.view(), { state: 'idle', lastError: null, lastEndAt: null });
    t.equal(await repairs.request(noted), true, 'and keep nobody from asking again');
    await repairs.stop();
  });

  t.test('tell what they failed of', async (t) => {
    const { parts, events, cutOff } = await scene(t);
    cutOff();
    const repairs = createRepairs({ ...parts, clock: systemClock });
    await repairs.request(noted);
    const { error } = await events.nth('store.not-repaired', 1);
    t.match(error, /^RLY_UPDATE_NO_SOURCE: /);
    await repairs.stop();
    t.match(repairs.view(), { state: 'idle', lastError: error });
  });

  t.test('end with the relay, without a word about it, and leave the store alone from then on', async (t) => {
    const { parts, events } = await scene(t);
    const asked = Promise.withResolvers<AbortSignal>();
    const dryRun = (signal: AbortSignal) => {
      asked.resolve(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const store = { ...parts.store, mend: () => Promise.reject(new Error('the store is closed')) };
    const repairs = createRepairs({ ...parts, store, dryRun, clock: systemClock });
    await repairs.request(noted);
    await asked.promise;
    await repairs.stop();
    t.strictSame(events.of('store.not-repaired'), []);
  });
});
