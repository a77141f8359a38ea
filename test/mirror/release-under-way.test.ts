import t from 'tap';
import { generationDifferences, mirroredFiles } from '../support/release-truth.ts';
import { catalogue, mirrorBench, type MirrorBench } from '../support/mirror-bench.ts';

const first = catalogue.release(1);
const second = catalogue.release(2);
const third = catalogue.release(3);

/** Calls `act` once, as soon as `is` says so of the mirror's view. */
function once(is: (bench: MirrorBench) => boolean, act: (bench: MirrorBench) => void): (bench: MirrorBench) => void {
  let done = false;
  return (bench) => {
    if (done || !is(bench)) return;
    done = true;
    act(bench);
  };
}

const whenDone = (objects: number) => (bench: MirrorBench) => {
  const { phase, objects: count } = bench.mirror.view();
  return phase === 'acquiring' && count.done >= objects;
};
const inPhase = (phase: string) => (bench: MirrorBench) => bench.mirror.view().phase === phase;

t.test('a release that begins while objects are being fetched', async (t) => {
  const all = mirroredFiles(first).length;
  for (const objects of [0, 5, 15, 30, 45, all]) {
    t.test(`after ${objects} of them: what is published is wholly of the new one`, async (t) => {
      const onProgress = once(whenDone(objects), ({ lab }) => lab.publish(second));
      const { lab, store, mirror, upstream } = await mirrorBench(t, { onProgress });
      const outcome = await mirror.update('administrator');
      t.match(outcome, { result: 'published', generation: 1, bytes: upstream.received.total(lab.componentsUrl) });
      t.strictSame(await generationDifferences(second, store), []);
      t.strictSame(store.staging.list(), []);
    });
  }

  t.test('in a later update: the generation before stays as it was', async (t) => {
    let armed = false;
    const onProgress = once(
      (bench) => armed && whenDone(10)(bench),
      ({ lab }) => lab.publish(third),
    );
    const { lab, store, mirror } = await mirrorBench(t, { onProgress });
    await mirror.update('administrator');
    const before = store.generations.current();
    armed = true;
    lab.publish(second);
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(third, store), []);
    t.strictSame(await generationDifferences(first, store, before), []);
  });

  t.test('what both have in the same identity is fetched once', async (t) => {
    const onProgress = once(inPhase('confirming'), ({ lab }) => lab.publish(second));
    const { lab, store, mirror } = await mirrorBench(t, { onProgress });
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(second, store), []);
    const shared = mirroredFiles(second).filter(
      ({ path, kind, etag }) => kind !== 'signature' && first.files.get(path)?.etag === etag,
    );
    t.ok(shared.length > 0);
    for (const { path } of shared) t.equal(lab.requests.filter((request) => request.path === path).length, 1, path);
  });

  t.test('signatures that came before it are not believed: each is asked for again', async (t) => {
    const onProgress = once(inPhase('confirming'), ({ lab }) => lab.publish(second));
    const { lab, mirror } = await mirrorBench(t, { onProgress });
    await mirror.update('administrator');
    const recurring = mirroredFiles(second).filter(({ path, kind }) => kind === 'signature' && first.files.has(path));
    for (const { path } of recurring) t.equal(lab.requests.filter((request) => request.path === path).length, 2, path);
  });
});

t.test('the window in which the vendor has the index away', async (t) => {
  t.test('when it begins in the middle: the update waits, and the next one publishes the release whole', async (t) => {
    let finish = () => {};
    const onProgress = once(whenDone(20), ({ lab }) => {
      ({ finish } = lab.publishSlowly(second));
    });
    const { lab, store, mirror } = await mirrorBench(t, { onProgress });
    const index = `${lab.componentsUrl}/server.ini`;
    await t.rejects(mirror.update('administrator'), {
      code: 'RLY_UPDATE_NO_SOURCE',
      fields: { tried: new RegExp(`^${lab.componentsUrl}: ${index} answered 404`) },
      cause: { errors: [{ code: 'RLY_UPDATE_INDEX_MISSING', fields: { url: index } }] },
    });
    t.match(mirror.view(), { phase: 'waiting', lastError: /^RLY_UPDATE_NO_SOURCE: .*answered 404/ });
    t.equal(store.generations.current(), undefined);
    t.strictSame(
      store.staging.list().filter(({ kind }) => kind === 'signature'),
      [],
      'any signature may be of either release',
    );

    const staged = store.staging.list().map(({ path }) => path);
    finish();
    lab.reset();
    t.match(await mirror.update('administrator'), { result: 'published', generation: 1 });
    t.strictSame(await generationDifferences(second, store), []);
    const still = staged.filter((path) => first.files.get(path)?.etag === second.files.get(path)?.etag);
    t.ok(still.length > 0);
    for (const path of still)
      t.notOk(
        lab.requests.some((request) => request.path === path),
        path,
      );
  });

  t.test('when it begins before the update: one request, and nothing changes', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t);
    await mirror.update('administrator');
    const window = lab.publishSlowly(second);
    lab.reset();
    await t.rejects(mirror.update('administrator'), { code: 'RLY_UPDATE_NO_SOURCE' });
    t.equal(lab.requests.length, 1);
    t.strictSame(await generationDifferences(first, store), []);
    t.match(mirror.view(), { phase: 'waiting', lastSuccessAt: /^\d{4}-/, lastError: /server\.ini answered 404/ });
    window.finish();
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(second, store), []);
    t.match(mirror.view(), { phase: 'idle', lastError: null });
  });
});

t.test('an index that moves again each time it is asked for', async (t) => {
  let number = 1;
  let moving = true;
  let phase = '';
  const onProgress = ({ lab, mirror }: MirrorBench) => {
    const before = phase;
    ({ phase } = mirror.view());
    if (moving && phase === 'confirming' && before !== phase) lab.publish(catalogue.release((number += 1)));
  };
  const { lab, store, mirror, events } = await mirrorBench(t, { onProgress });
  await t.rejects(mirror.update('administrator'), {
    code: 'RLY_UPDATE_NO_SOURCE',
    cause: {
      errors: [{ code: 'RLY_UPDATE_INDEX_MOVED', fields: { url: `${lab.componentsUrl}/server.ini`, rounds: 3 } }],
    },
  });
  t.equal(number, 4);
  t.equal(events.of('update.planned').length, 3);
  t.equal(store.generations.current(), undefined);
  t.match(mirror.view(), { phase: 'idle', lastError: /server\.ini changed 3 times/ });

  moving = false;
  lab.reset();
  await mirror.update('administrator');
  t.strictSame(await generationDifferences(catalogue.release(4), store), []);
  const known = mirroredFiles(third).filter(
    ({ path, kind, etag }) => kind !== 'signature' && catalogue.release(4).files.get(path)?.etag === etag,
  );
  for (const { path } of known)
    t.notOk(
      lab.requests.some((request) => request.path === path),
      `${path} was here`,
    );
});
