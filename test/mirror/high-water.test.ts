import t from 'tap';
import { compareVersions, type ComponentFiles } from '../../src/manifest/versions.ts';
import {
  type HighWater,
  lowerHighWater,
  notedHighWater,
  raiseHighWater,
  recallHighWater,
} from '../../src/mirror/high-water.ts';
import { judgeRatchet } from '../../src/mirror/ratchet.ts';
import * as fc from '../support/fast-check.ts';

const source = 'http://server/download';
const NOTHING = recallHighWater(undefined);

/** `{ 'P.4': '18' }` as the files of an index. */
const listing = (generation: number, versions: Readonly<Record<string, string>>, from = source) => ({
  generation,
  source: from,
  files: Object.entries(versions).map(([component, version]) => ({ component, kind: 'pattern' as const, version })),
});
const raised = (...listings: readonly ReturnType<typeof listing>[]) => listings.reduce(raiseHighWater, NOTHING);
const versions = (mark: HighWater) => Object.fromEntries(mark.versions);

t.test('what is left out stays as high as it was', async (t) => {
  const mark = raised(listing(1, { 'P.4': '18', 'P.5': '9' }), listing(2, { 'P.5': '10' }), listing(3, { 'P.5': '9' }));
  t.strictSame(versions(mark), { 'P.4': '18', 'P.5': '10' });
  t.strictSame(mark.listed.get(source), [{ generation: 1, components: ['P.4', 'P.5'] }]);
});

t.test('what comes later is told apart from what was there first, for each source', async (t) => {
  const other = 'http://ua1/activeupdate';
  const mark = raised(listing(1, { 'P.4': '1' }), listing(2, { 'P.9': '1' }, other), listing(3, { 'P.9': '1' }));
  t.strictSame(mark.listed.get(source), [
    { generation: 1, components: ['P.4'] },
    { generation: 3, components: ['P.9'] },
  ]);
  t.strictSame(mark.listed.get(other), [{ generation: 2, components: ['P.9'] }]);
});

t.test('it is lower by what a person allowed, in that alone', async (t) => {
  const mark = raised(listing(1, { 'P.4': '18', 'P.5': '9', 'P.6': '3' }));
  const next = listing(2, { 'P.4': '17', 'P.5': '9' });
  const back = lowerHighWater(mark, next, { older: true, shrink: false });
  t.strictSame(versions(back), { 'P.4': '17', 'P.5': '9', 'P.6': '3' });
  t.strictSame(back.listed, mark.listed);
  const smaller = lowerHighWater(mark, next, { older: false, shrink: true });
  t.strictSame(smaller.versions, mark.versions);
  t.strictSame(smaller.listed.get(source), [{ generation: 2, components: ['P.4', 'P.5'] }]);
});

t.test('it is what it was after it lay on disk, but for sources that are gone', async (t) => {
  const mark = raised(
    listing(1, { 'P.4': '18' }),
    listing(2, { 'P.5': '9' }, 'http://gone'),
    listing(3, { 'P.6': '1' }),
  );
  const noted: unknown = JSON.parse(JSON.stringify(notedHighWater(mark, [source])));
  t.strictSame(recallHighWater(noted), { versions: mark.versions, listed: new Map([...mark.listed].slice(0, 1)) });
  for (const damaged of [null, 7, [], {}, { versions: { 'P.4': '18' }, listed: [] }, { versions: [['P.4']] }]) {
    t.strictSame(recallHighWater(damaged), NOTHING, JSON.stringify(damaged));
  }
});

t.test('made-up components, names and versions fill no disk, and push out nothing', async (t) => {
  const long = 'P.'.padEnd(4000, '1');
  let mark = raised(listing(1, { 'P.4': '18', [long]: '1', 'P.5': '9'.repeat(4000) }));
  t.strictSame(versions(mark), { 'P.4': '18' });
  t.strictSame(mark.listed.get(source), [{ generation: 1, components: ['P.4', 'P.5'] }]);
  for (let round = 1; round <= 3; round += 1) {
    const ids = Array.from({ length: 6000 }, (_, n) => [`P.${round}${String(n).padStart(6, '0')}`, '1'] as const);
    mark = raiseHighWater(mark, listing(round + 1, Object.fromEntries(ids)));
  }
  t.equal(mark.versions.size, 10_000);
  t.equal(mark.listed.get(source)?.flatMap(({ components }) => components).length, 10_000);
  t.equal(mark.versions.get('P.4'), '18');
  mark = raiseHighWater(mark, listing(9, { 'P.4': '19' }));
  t.equal(mark.versions.get('P.4'), '19', 'what is known still rises');
});

t.test('whatever a source offers, in whatever order: nobody gets an older version, or less than half', async () => {
  const ids = Array.from({ length: 8 }, (_, n) => `P.${n + 1}`);
  // Each in the version of its turn or, now and then, in an earlier one; some are made up.
  const index = fc.record({
    ids: fc.subarray([...ids, 'P.90', 'P.91', 'P.92', 'P.93', 'P.94'], { minLength: 4 }),
    back: fc.option(fc.tuple(fc.constantFrom(...ids), fc.nat(3)), { freq: 3 }),
  });
  // An attacker begins with what is right.
  const first = Object.fromEntries(ids.map((id) => [id, '2']));
  fc.assert(
    fc.property(fc.array(index, { maxLength: 20 }), (offers) => {
      let mark = raised(listing(1, first));
      let before: ComponentFiles = listing(1, first).files;
      const highest = new Map(Object.entries(first));
      let generation = 1;
      for (const [turn, { ids: listed, back }] of offers.entries()) {
        const offer = Object.fromEntries(listed.map((id) => [id, String(turn + 3 - (back?.[0] === id ? back[1] : 0))]));
        const { files } = listing(generation + 1, offer);
        const { older, shrunk } = judgeRatchet({
          url: source,
          found: { files, lastModified: null },
          held: { versions: mark.versions, lastModified: null },
          before: { files: before, generation },
          listed: mark.listed.get(source) ?? [],
        });
        if (older || shrunk) continue;
        generation += 1;
        mark = raiseHighWater(mark, listing(generation, offer));
        before = files;
        for (const [id, version] of Object.entries(offer)) {
          if (compareVersions(version, highest.get(id) ?? '') < 0) return false;
          highest.set(id, version);
        }
        if (ids.filter((id) => id in offer).length * 2 < ids.length) return false;
      }
      return true;
    }),
  );
});
