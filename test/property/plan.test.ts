import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import type { Manifest, ManifestObject } from '../../src/manifest/model.ts';
import { canonicalPath, signaturePaths } from '../../src/manifest/path.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import { prefetchRule } from '../../src/mirror/prefetch.ts';
import { planUpdate, type Plan, type PlanInput } from '../../src/mirror/plan.ts';
import type { GenerationObject } from '../../src/ports/generation.ts';
import type { StagedObject } from '../../src/ports/store.ts';

// Few names, versions and sizes: what is here and what is listed then meet often, in all ways.
const name = fc
  .constantFrom('a', 'A', 'b', 'c_1', 'd')
  .chain((stem) => fc.constantFrom('zip', '2', 'sig').map((extension) => `pattern/${stem}.${extension}`));
const version = fc.constantFrom(null, '1', '2');
const size = fc.integer({ min: 0, max: 2 });
const indexName = fc.constantFrom('this', 'another');
const kind = fc.constantFrom('pattern', 'incremental', 'engine', 'program');

const listed: fc.Arbitrary<ManifestObject> = fc
  .record({ path: name, kind, version, size })
  .map(({ path, kind: role, version: named, size: bytes }) => {
    const component = role === 'program' ? 'Info_1_1_1_1' : role === 'engine' ? 'E.1' : 'P.1';
    return { path, key: canonicalPath(path), kind: role, component, version: named, size: bytes, line: 1 };
  });

// As parsing leaves it: each path once.
const manifest: fc.Arbitrary<Manifest> = fc
  .uniqueArray(listed, { selector: ({ key }) => key, maxLength: 10 })
  .map((objects) => ({
    bytes: Buffer.alloc(0),
    components: [],
    programs: objects.filter((object) => object.kind === 'program'),
    objects,
    notices: [],
    totalSize: 0,
  }));

const blob = { component: fc.constant('P.9'), sha256: fc.constantFrom('one', 'two', 'three') };
const origin = {
  proof: fc.constant('size' as const),
  source: fc.constant('http://one.example'),
  fetchedAt: fc.constant('2024-06-01T00:00:00.000Z'),
};
const anObject = fc.record({ path: name, kind, version, size, ...blob, ...origin });
const aSignature = fc.record({
  path: name,
  kind: fc.constant('signature' as const),
  version: fc.constant(null),
  size,
  ...blob,
  ...origin,
});
const onDisk: fc.Arbitrary<GenerationObject> = fc.oneof(anObject, aSignature);
const staged: fc.Arbitrary<StagedObject> = fc
  .tuple(onDisk, fc.record({ index: indexName }))
  .map(([object, fetchedFor]) => Object.assign(fetchedFor, object));

const prefetchSettings = fc.record({
  incrementals: fc.boolean(),
  engines: fc.boolean(),
  fullPatternsUpTo: fc.nat(3),
  programs: fc.boolean(),
});

const input: fc.Arbitrary<PlanInput> = fc.record({
  manifest,
  index: fc.constant('this'),
  held: fc.array(onDisk, { maxLength: 8 }),
  staged: fc.array(staged, { maxLength: 8 }),
  programs: fc.boolean(),
  prefetches: prefetchSettings.map((settings) => prefetchRule(settings, () => 0)),
  patternsOnly: fc.constant(false),
});

function always(check: (plan: Plan, given: PlanInput) => void): void {
  fc.assert(
    fc.property(input, (given) => check(planUpdate(given), given)),
    { numRuns: 500 },
  );
}

/** Keys of all that a generation of this index should have. */
function wantedKeys({ manifest: { objects }, programs }: PlanInput): string[] {
  const own = objects.filter((object) => programs || object.kind !== 'program').map(({ key }) => key);
  const signatures = signaturePaths({ objects })
    .filter(({ component }) => programs || !component.startsWith('Info_'))
    .map(({ key }) => key);
  return [...own, ...signatures].sort();
}

t.test('everything the index wants is fetched, here, or comes on demand, once, and nothing else is', async () => {
  always(({ fetch, reuse, onDemand }, given) => {
    deepStrictEqual([...fetch, ...reuse, ...onDemand].map(({ path }) => canonicalPath(path)).sort(), wantedKeys(given));
  });
});

t.test(
  'on demand comes what is not prefetched, and never a signature; of it is told what is here all the same',
  async () => {
    always(({ fetch, reuse, onDemand, here }, { prefetches, held, staged: left }) => {
      for (const item of onDemand) ok(!prefetches(item));
      for (const { kind, size, component } of [...fetch, ...reuse]) {
        ok(kind === 'signature' || size === null || prefetches({ kind, size, component }));
      }
      const onDisk = new Set([...held, ...left].filter((object) => object.kind !== 'signature').map(identityOf));
      deepStrictEqual(
        here.map(identityOf),
        onDemand.map(identityOf).filter((identity) => onDisk.has(identity)),
      );
    });
  },
);

t.test('what is fetched is exactly what has no equal on disk', async () => {
  always(({ fetch, reuse }, { held, staged: left, index }) => {
    const objects = new Set([...held, ...left].filter((object) => object.kind !== 'signature').map(identityOf));
    const signatures = new Set(
      left.filter((object) => object.kind === 'signature' && object.index === index).map(identityOf),
    );
    const isHere = (item: Parameters<typeof identityOf>[0]) =>
      (item.kind === 'signature' ? signatures : objects).has(identityOf(item));
    ok(fetch.every((item) => !isHere(item)));
    ok(reuse.every(isHere));
  });
});

t.test('what is reused has the bytes of something on disk, and the role this index gives it', async () => {
  always(({ reuse }, { held, staged: left, manifest: { objects } }) => {
    for (const object of reuse) {
      const before = [...held, ...left].find(
        (candidate) => identityOf(candidate) === identityOf(object) && candidate.sha256 === object.sha256,
      );
      ok(before);
      const role = objects.find(({ key }) => key === canonicalPath(object.path));
      if (role) deepStrictEqual([object.path, object.kind, object.component], [role.path, role.kind, role.component]);
      else deepStrictEqual(object.kind, 'signature');
      ok(!('index' in object), 'a generation knows nothing of staging');
    }
  });
});

t.test('the bytes are the sum of what is listed and fetched', async () => {
  always(({ fetch, bytes }) => {
    deepStrictEqual(
      bytes,
      fetch.reduce((sum, item) => sum + (item.size ?? 0), 0),
    );
    ok(fetch.every((item) => (item.size === null) === (item.kind === 'signature')));
  });
});

t.test('kinds come in their order, and small ones of a kind first', async () => {
  const order = ['incremental', 'signature', 'engine', 'pattern', 'program'];
  always(({ fetch }) => {
    for (const [at, item] of fetch.entries()) {
      const before = fetch[at - 1];
      if (!before) continue;
      const ranks = order.indexOf(item.kind) - order.indexOf(before.kind);
      ok(ranks > 0 || (ranks === 0 && (before.size ?? 0) <= (item.size ?? 0)));
    }
  });
});
