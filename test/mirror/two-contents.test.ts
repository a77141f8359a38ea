import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Store } from '../../src/ports/store.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { forgedRelease } from '../support/forged-release.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { catalogue, mirrorBench } from '../support/mirror-bench.ts';
import { generationDifferences } from '../support/release-truth.ts';
import { trimmedRelease } from '../support/trimmed-release.ts';
import { attempt } from '../support/lab-attempt.ts';

const releaseOf = (number: number) => trimmedRelease(catalogue.release(number), ['P.4', 'E.10']);
const first = releaseOf(1);

// Its format is unknown: its size is all that proves it, so one flipped bit would pass for the truth.
const unproven = catalogue.release(1).files.get('product/gateway.tar.gz')?.path ?? '';

async function damaged(path: string, store: Store, object: string): Promise<void> {
  const { sha256 = '' } = store.generations.current()?.objects.find((one) => one.path === object) ?? {};
  await rm(join(path, 'blobs', sha256.slice(0, 2), sha256));
}

/** Two sources that both have the first release, with a proven pattern in other bytes at one of them. */
async function twoSources(t: Test) {
  const path = temporaryFolder(t);
  const honest = await labServerFor(t, { kind: 'officeScanServer', release: first });
  const bench = await mirrorBench(t, {
    path,
    release: first,
    sources: (lab) => [attempt(lab), attempt(honest)],
    programs: false,
  });
  await bench.mirror.update('schedule');
  return { ...bench, path, honest };
}

const pattern = [...first.files.values()].find(({ kind }) => kind === 'pattern')?.path ?? '';

t.test(
  'a source that has other bytes under an identity that is known is refused, and the next one mends it',
  async (t) => {
    const { lab, honest, mirror, store, events, path } = await twoSources(t);
    await damaged(path, store, pattern);
    lab.publish(await forgedRelease(first, pattern));
    t.match(await mirror.update('schedule'), { result: 'published', generation: 2 });
    t.strictSame(await generationDifferences(first, store, undefined, { programs: false }), []);
    t.equal(
      store.generations.current()?.objects.find((object) => object.path === pattern)?.source,
      honest.componentsUrl,
    );
    t.match(events.of('source.suspect'), [
      { source: lab.componentsUrl, code: 'RLY_UPSTREAM_EQUIVOCATION', error: new RegExp(pattern) },
    ]);
  },
);

t.test('where all have other bytes the update fails, and what is served stays', async (t) => {
  const { lab, honest, mirror, store, events, path } = await twoSources(t);
  await damaged(path, store, pattern);
  for (const server of [lab, honest]) server.publish(await forgedRelease(first, pattern));
  await t.rejects(mirror.update('schedule'), {
    code: 'RLY_UPDATE_NO_SOURCE',
    cause: { errors: [{ code: 'RLY_UPSTREAM_EQUIVOCATION' }, { code: 'RLY_UPSTREAM_EQUIVOCATION' }] },
  });
  t.equal(store.generations.current()?.number, 1);
  t.notOk(
    store.staging.list().some((object) => object.path === pattern),
    'nothing of it is kept',
  );
  t.ok(events.of('source.suspect').length >= 2);
  for (const server of [lab, honest]) server.publish(releaseOf(2));
  t.match(await mirror.update('administrator'), { result: 'published' }, 'the next version is another thing');
});

t.test('it is known also when the generation it came with is gone', async (t) => {
  const path = temporaryFolder(t);
  const bench = await mirrorBench(t, { path, release: first, programs: false, keepGenerations: 1 });
  const { lab, mirror, store, events } = bench;
  await mirror.update('schedule');
  lab.publish(releaseOf(2));
  await mirror.update('schedule');
  t.equal(store.generations.list().length, 1);
  lab.publish(await forgedRelease(first, pattern));
  const back = { older: true, shrink: false, reason: 'the vendor took it back' };
  await t.rejects(mirror.update('administrator', back), {
    cause: { errors: [{ code: 'RLY_UPSTREAM_EQUIVOCATION' }] },
  });
  t.equal(events.of('source.suspect').length, 1);
  lab.publish(first);
  t.match(await mirror.update('administrator', back), { result: 'published' });
});

t.test('a package with two contents is left out, and holds up no pattern', async (t) => {
  const path = temporaryFolder(t);
  const bench = await mirrorBench(t, { path });
  const { lab, mirror, store, events } = bench;
  await mirror.update('schedule');
  await damaged(path, store, unproven);
  lab.faults.on({ kind: 'wrongBytes', match: unproven });
  t.match(await mirror.update('schedule'), { result: 'published', generation: 2 });
  t.ok(store.generations.current()?.absent.includes(unproven));
  t.match(events.of('source.suspect'), [{ code: 'RLY_UPSTREAM_EQUIVOCATION' }]);
});
