import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import type { Release } from '../../src/lab/release.ts';
import type { Allowance } from '../../src/mirror/allowance.ts';
import { dryRun } from '../../src/mirror/dry-run.ts';
import { recallHighWater } from '../../src/mirror/high-water.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { catalogue, mirrorBench, type MirrorBench } from '../support/mirror-bench.ts';
import { refusals } from '../support/refusals.ts';
import { editedRelease } from '../support/release-with-index.ts';
import { generationDifferences } from '../support/release-truth.ts';
import { trimmedRelease } from '../support/trimmed-release.ts';
import { attempt } from '../support/lab-attempt.ts';

/** Few components, for speed: every release of the lab brings a new P.4, and no programs hold anything up. */
const releaseOf = (number: number) => trimmedRelease(catalogue.release(number), ['P.4', 'P.800', 'P.48020000', 'E.10']);
const older = releaseOf(3);
const present = releaseOf(5);
const next = releaseOf(6);

const OLDER: Allowance = { older: true, shrink: false, reason: 'the vendor took 5 back' };
const SHRINK: Allowance = { older: false, shrink: true, reason: 'we dropped a product' };

/** A mirror with the present release as generation 1, and nothing asked since. */
async function upToDate(t: Test, options: Parameters<typeof mirrorBench>[1] = {}): Promise<MirrorBench> {
  const bench = await mirrorBench(t, { release: present, ...options });
  await bench.mirror.update('schedule');
  bench.lab.reset();
  return bench;
}

async function refused(t: Test, { lab, store, mirror, events }: MirrorBench, code: string): Promise<void> {
  const before = store.generations.current();
  const alarms = events.of('source.suspect').length;
  t.match(await refusals(mirror.update('schedule')), [{ code }]);
  t.equal(store.generations.current(), before, 'what is served stays');
  t.strictSame(
    lab.requests.map(({ path }) => path),
    ['server.ini'],
    'no object was asked for',
  );
  t.match(events.of('source.suspect')[alarms], { source: lab.componentsUrl, code }, 'it is an alarm');
  t.match(mirror.view().lastError, 'RLY_UPDATE_NO_SOURCE');
  lab.reset();
}

const without = (release: Release, component: string): Release =>
  editedRelease(release, (text) => text.replaceAll(new RegExp(`^${component.replace('.', '\\.')}[.=].*\n`, 'gm'), ''));

/** The version of P.4 below which no index may go. */
function versionNoted({ notes }: MirrorBench['store']): string | undefined {
  return recallHighWater(notes.read('high-water')).versions.get('P.4');
}

t.test('an index from the past', async (t) => {
  t.test('of the same source is refused, each time, and newer ones are taken as ever', async (t) => {
    const bench = await upToDate(t);
    const { lab, store, mirror, events } = bench;
    lab.publish(older);
    await refused(t, bench, 'RLY_UPDATE_OLDER');
    await refused(t, bench, 'RLY_UPDATE_OLDER');
    t.match(
      events.of('source.suspect')[0]?.error,
      /server\.ini is older than what was published before: found P\.4 1998900/,
    );
    lab.publish(next);
    t.match(await mirror.update('schedule'), { result: 'published', generation: 2 });
    t.strictSame(await generationDifferences(next, store), []);
  });

  t.test('with one component older among newer ones is refused', async (t) => {
    const bench = await upToDate(t);
    bench.lab.publish(editedRelease(next, (text) => text.replace(/^(P\.800=[^,]+, ?)\d+/m, '$11')));
    await refused(t, bench, 'RLY_UPDATE_OLDER');
  });

  t.test('is taken when an administrator says so, and what was taken is the measure from then on', async (t) => {
    const bench = await upToDate(t);
    const { lab, store, mirror, events } = bench;
    lab.publish(older);
    t.match(await mirror.update('administrator', OLDER), { result: 'published', generation: 2 });
    t.strictSame(await generationDifferences(older, store), []);
    t.match(events.of('source.allowed'), [
      { source: lab.componentsUrl, code: 'RLY_UPDATE_OLDER', reason: 'the vendor took 5 back' },
    ]);
    t.strictSame(events.of('source.suspect'), []);
    t.match(await mirror.update('schedule'), { result: 'unchanged' });
    lab.publish(releaseOf(2));
    lab.reset();
    await refused(t, bench, 'RLY_UPDATE_OLDER');
    t.match(events.of('source.suspect'), [{ error: /at least P\.4 1998900/ }]);
  });

  t.test('is refused also where the index before it left the component out', async (t) => {
    const path = temporaryFolder(t);
    const bench = await upToDate(t, { path });
    const { lab, mirror, store } = bench;
    lab.publish(without(next, 'P.4'));
    t.match(await mirror.update('schedule'), { result: 'published', generation: 2 });
    lab.reset();
    lab.publish(editedRelease(next, (text) => text.replace(/^(P\.4=[^,]+, ?)\d+/m, '$11998900')));
    await refused(t, bench, 'RLY_UPDATE_OLDER');

    await mirror.stop();
    await store.close();
    const again = await mirrorBench(t, { path, release: older, sources: () => [attempt(lab)] });
    t.match(await refusals(again.mirror.update('schedule')), [{ code: 'RLY_UPDATE_OLDER' }], 'after a restart too');
    t.match(await again.mirror.update('administrator', OLDER), { result: 'published' });
    t.match(versionNoted(again.store), '1998900', 'what was let pass is the measure');
    lab.publish(next);
    t.match(await again.mirror.update('schedule'), { result: 'published' });
  });

  t.test('is measured by the current generation where nothing is noted, or what is noted is damaged', async (t) => {
    for (const noted of [undefined, { versions: 'P.4' }]) {
      const bench = await upToDate(t);
      await bench.store.notes.write('high-water', noted ?? null);
      bench.lab.publish(older);
      await refused(t, bench, 'RLY_UPDATE_OLDER');
      bench.lab.publish(without(next, 'P.4'));
      t.match(await bench.mirror.update('schedule'), { result: 'published', generation: 2 });
      t.equal(versionNoted(bench.store), '1999300', 'and what it replaces is noted then');
    }
  });

  t.test('is not taken because a smaller one may be', async (t) => {
    const { lab, mirror, store } = await upToDate(t);
    lab.publish(older);
    t.match(await refusals(mirror.update('administrator', SHRINK)), [{ code: 'RLY_UPDATE_OLDER' }]);
    t.equal(store.generations.current()?.number, 1);
  });

  t.test('that comes when the index is asked for a second time is refused too', async (t) => {
    let back = (): void => {};
    const bench = await upToDate(t, {
      onProgress: ({ mirror }) => {
        if (mirror.view().phase === 'confirming') back();
      },
    });
    const { lab, mirror, store } = bench;
    lab.publish(next);
    back = () => lab.publish(older);
    t.match(await refusals(mirror.update('schedule')), [{ code: 'RLY_UPDATE_OLDER' }]);
    t.equal(store.generations.current()?.number, 1);
  });

  t.test('is refused also where the index of the current generation was lost on this disk', async (t) => {
    const path = temporaryFolder(t);
    const bench = await upToDate(t, { path });
    const { sha256 = '' } = bench.store.generations.current()?.index ?? {};
    await rm(join(path, 'blobs', sha256.slice(0, 2), sha256));
    bench.lab.publish(older);
    await refused(t, bench, 'RLY_UPDATE_OLDER');
    bench.lab.publish(present);
    t.match(
      await bench.mirror.update('schedule'),
      { result: 'published', generation: 2 },
      'and the right one mends it',
    );
  });

  t.test('with the same versions is told by its date', async (t) => {
    const comment = (text: string) => `${text}; another moment\n`;
    const at = (days: number) => {
      const { lastModified } = present.files.get('server.ini') ?? {};
      return new Date((lastModified?.getTime() ?? 0) + days * 24 * 3600 * 1000);
    };
    const bench = await upToDate(t);
    bench.lab.publish(editedRelease(present, comment, at(-1)));
    await refused(t, bench, 'RLY_UPDATE_OLDER');
    t.match(bench.events.of('source.suspect'), [{ error: /found Last-Modified: .*, expected at least / }]);
    bench.lab.publish(editedRelease(present, comment, at(1)));
    t.match(await bench.mirror.update('schedule'), { result: 'published' });
  });

  t.test('is refused by a dry run as well, unless it is allowed', async (t) => {
    const { lab, context } = await upToDate(t);
    lab.publish(older);
    const { signal } = new AbortController();
    t.match(await refusals(dryRun(context, signal)), [{ code: 'RLY_UPDATE_OLDER' }]);
    const plan = await dryRun({ ...context, allow: OLDER }, signal);
    t.match(
      plan.changes.find(({ id }) => id === 'P.4'),
      { before: '1999300', after: '1998900' },
    );
  });
});

t.test('an index that takes away more than half', async (t) => {
  const emptied = trimmedRelease(next, ['P.800', 'E.10']);

  t.test('is refused, and taken when an administrator says so', async (t) => {
    const bench = await upToDate(t);
    const { lab, mirror, store, events } = bench;
    lab.publish(emptied);
    await refused(t, bench, 'RLY_UPDATE_SHRUNK');
    t.match(events.of('source.suspect'), [
      { error: /takes away \d+ of the \d+ pattern and engine files that generation 1 lists, more than half/ },
    ]);
    t.match(await refusals(mirror.update('administrator', OLDER)), [{ code: 'RLY_UPDATE_SHRUNK' }]);
    t.match(await mirror.update('administrator', SHRINK), { result: 'published' });
    t.strictSame(await generationDifferences(emptied, store, undefined, { programs: false }), []);
    t.match(events.of('source.allowed'), [{ code: 'RLY_UPDATE_SHRUNK', reason: 'we dropped a product' }]);
  });

  t.test('may be all at once: older and smaller, and both have to be allowed', async (t) => {
    const { lab, mirror } = await upToDate(t);
    lab.publish(trimmedRelease(older, ['P.4']));
    t.match(await refusals(mirror.update('administrator', OLDER)), [{ code: 'RLY_UPDATE_SHRUNK' }]);
    t.match(await refusals(mirror.update('administrator', SHRINK)), [{ code: 'RLY_UPDATE_OLDER' }]);
    t.match(await mirror.update('administrator', { ...OLDER, shrink: true }), { result: 'published' });
  });

  t.test('but a component or two may go', async (t) => {
    const { lab, mirror } = await upToDate(t);
    lab.publish(without(next, 'P.800'));
    t.match(await mirror.update('schedule'), { result: 'published' });
  });

  t.test('is refused also where it does so step by step, until an administrator allows it', async (t) => {
    const path = temporaryFolder(t);
    const bench = await upToDate(t, { path });
    const { lab, mirror, store, events } = bench;
    const half = ['P.4', 'E.10'];
    lab.publish(trimmedRelease(next, ['P.4', 'P.48020000', 'E.10']));
    t.match(await mirror.update('schedule'), { result: 'published' });
    lab.publish(trimmedRelease(releaseOf(7), half));
    t.match(await mirror.update('schedule'), { result: 'published' }, 'half of what there was');
    lab.publish(trimmedRelease(releaseOf(8), ['P.4']));
    lab.reset();
    await refused(t, bench, 'RLY_UPDATE_SHRUNK');
    t.match(events.of('source.suspect'), [
      { error: /takes away 3 of the 4 components that were known in generation 1, more than half/ },
    ]);
    t.match(await mirror.update('administrator', SHRINK), { result: 'published' });
    lab.publish(trimmedRelease(releaseOf(9), ['P.4']));
    t.match(await mirror.update('schedule'), { result: 'published' }, 'what was let pass is the measure');
    t.equal(store.generations.current()?.number, 5);
  });
});

t.test('several sources', async (t) => {
  async function pair(t: Test, path = temporaryFolder(t)): Promise<MirrorBench & { readonly first: LabServer }> {
    const first = await labServerFor(t, { kind: 'officeScanServer', release: present });
    const sources = (lab: LabServer) => [attempt(first), attempt(lab)];
    const bench = await mirrorBench(t, { release: present, sources, path });
    return { ...bench, first };
  }

  t.test(
    'where the first goes back, the next one serves, and the first is in the alarm and in the status',
    async (t) => {
      const { first, lab, mirror, store, events, context } = await pair(t);
      await mirror.update('schedule');
      first.publish(older);
      lab.publish(next);
      t.match(await mirror.update('schedule'), { result: 'published', source: lab.componentsUrl });
      t.strictSame(await generationDifferences(next, store), []);
      t.match(events.of('source.suspect'), [{ source: first.componentsUrl, code: 'RLY_UPDATE_OLDER' }]);
      t.match(context.health.record(first.componentsUrl), { lastError: { code: 'RLY_UPDATE_OLDER' } });
    },
  );

  t.test('that offer different selections may take turns without a person', async (t) => {
    const { first, lab, mirror, events } = await pair(t);
    first.publish(trimmedRelease(present, ['P.4', 'E.10']));
    await mirror.update('schedule');
    first.faults.on({ kind: 'status', status: 500 });
    lab.publish(next);
    t.match(await mirror.update('schedule'), { result: 'published', source: lab.componentsUrl });
    first.faults.clear();
    first.publish(trimmedRelease(catalogue.release(7), ['P.4', 'E.10']));
    t.match(await mirror.update('administrator'), { result: 'published', source: first.componentsUrl });
    t.strictSame(events.of('source.suspect'), []);
  });

  t.test('a late one is no attacker, but no help either where something here is damaged', async (t) => {
    const path = temporaryFolder(t);
    const { first, lab, mirror, store, events } = await pair(t, path);
    first.faults.on({ kind: 'status', status: 500 });
    await mirror.update('schedule');
    first.faults.clear();
    first.publish(older);
    t.match(await mirror.update('administrator'), { result: 'unchanged', source: first.componentsUrl });
    t.strictSame(events.of('source.suspect'), []);
    const { sha256 = '' } = store.generations.current()?.objects[0] ?? {};
    await rm(join(path, 'blobs', sha256.slice(0, 2), sha256));
    t.match(await mirror.update('administrator'), { result: 'published', source: lab.componentsUrl });
    t.strictSame(await generationDifferences(present, store), []);
  });

  t.test('what was let go back at one is not held against it at the other', async (t) => {
    const { first, lab, mirror } = await pair(t);
    await mirror.update('schedule');
    first.faults.on({ kind: 'status', status: 500 });
    lab.publish(older);
    t.match(await mirror.update('administrator', OLDER), { result: 'published', source: lab.componentsUrl });
    first.faults.clear();
    first.publish(releaseOf(4));
    t.match(await mirror.update('administrator'), { result: 'published', source: first.componentsUrl });
  });

  t.test('a late one is gone back to when an administrator says so', async (t) => {
    const { first, mirror } = await pair(t);
    first.faults.on({ kind: 'status', status: 500 });
    await mirror.update('schedule');
    first.faults.clear();
    first.publish(older);
    t.match(await mirror.update('administrator', OLDER), { result: 'published', source: first.componentsUrl });
  });
});
