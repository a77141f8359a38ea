import t from 'tap';
import { identityOf } from '../../src/flight/fetch-item.ts';
import { createKeptObjects } from '../../src/flight/kept-objects.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { mirrorBench } from '../support/mirror-bench.ts';

const catalogue = createCatalogue({ shape: 'small', scale: 0.01 });

t.test('bug: what an update had brought was fetched again for agents of the generation before', async (t) => {
  let isWide = false;
  const { store, mirror, lab } = await mirrorBench(t, {
    release: catalogue.release(1),
    prefetches: ({ kind }) => isWide || kind !== 'pattern',
  });
  const kept = createKeptObjects(store);
  await mirror.update('schedule');
  const before = store.generations.current()?.onDemand ?? [];
  t.ok(before.every((object) => kept(object) === undefined));

  isWide = true;
  lab.publish(catalogue.release(2));
  await mirror.update('schedule');
  const after = new Set(store.generations.current()?.objects.map(identityOf));
  const both = before.filter((object) => after.has(identityOf(object)));
  t.ok(both.length > 0, 'of patterns that both releases have');
  for (const object of both) {
    const found = kept(object);
    t.ok(found && identityOf(found) === identityOf(object) && (await store.blobs.has(found)));
  }
});

t.test(
  'what an update has brought counts before it is published; a signature has another content in each',
  async (t) => {
    const { store, mirror } = await mirrorBench(t, { release: catalogue.release(1) });
    await mirror.update('schedule');
    const [pattern, signature] = ['pattern', 'signature'].map((kind) =>
      store.generations.current()?.objects.find((object) => object.kind === kind),
    );
    if (!pattern || !signature) throw new Error('the release has both');
    const alone = { ...store, generations: { ...store.generations, list: () => [] } };
    const kept = createKeptObjects(alone);
    t.equal(kept(pattern), undefined);
    for (const object of [pattern, signature]) await store.staging.add({ ...object, index: 'a'.repeat(64) });
    t.match(kept(pattern), { path: pattern.path, sha256: pattern.sha256 });
    t.equal(kept(signature), undefined);
  },
);
