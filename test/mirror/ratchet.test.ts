import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { versionsOf, type ComponentFiles } from '../../src/manifest/versions.ts';
import type { Newcomers } from '../../src/mirror/high-water.ts';
import { judgeRatchet } from '../../src/mirror/ratchet.ts';

const url = 'http://server/download/server.ini';
const MONDAY = 'Mon, 05 Jan 2026 06:00:00 GMT';
const TUESDAY = 'Tue, 06 Jan 2026 06:00:00 GMT';

const pattern = (component: string, version: string | null) => ({ component, kind: 'pattern' as const, version });
const incrementals = (component: string, count: number): ComponentFiles =>
  Array.from({ length: count }, () => ({ component, kind: 'incremental' as const, version: '1' }));

function judge(
  found: ComponentFiles,
  held: ComponentFiles,
  dates: { found?: string; held?: string; before?: ComponentFiles; listed?: readonly Newcomers[] } = {},
) {
  return judgeRatchet({
    url,
    found: { files: found, lastModified: dates.found ?? null },
    held: { versions: versionsOf(held), lastModified: dates.held ?? null },
    before: { files: dates.before ?? held, generation: 6 },
    listed: dates.listed ?? [],
  });
}

const FREE = { older: null, shrunk: null, isBehind: false };
const HELD = [pattern('P.4', '1998700'), { component: 'E.10', kind: 'engine' as const, version: '12.5.1004' }];

t.test('what goes on, or stays, may follow', async (t) => {
  t.strictSame(judge(HELD, HELD), FREE);
  t.strictSame(judge([pattern('P.4', '1998900'), { ...HELD[1], version: '12.10.1' } as never], HELD), FREE);
  t.strictSame(judge([...HELD, pattern('P.800', '1')], HELD), FREE);
});

t.test('one component that goes back is enough, and is named with both versions', async (t) => {
  const found = [pattern('P.4', '1998500'), pattern('E.10', '13')];
  const { older, isBehind } = judge(found, HELD);
  t.match(older, {
    code: 'RLY_UPDATE_OLDER',
    fields: { url, found: 'P.4 1998500', expected: 'at least P.4 1998700' },
  });
  t.notOk(isBehind, 'an engine is newer: this is no earlier moment of the same');
  t.ok(judge([pattern('P.4', '1998500'), HELD[1] as never], HELD).isBehind);
});

t.test('of many, five are named and the rest counted', async (t) => {
  const ids = Array.from({ length: 9 }, (_, n) => `P.${n + 1}`);
  const { older } = judge(
    ids.map((id) => pattern(id, '1')),
    ids.map((id) => pattern(id, '2')),
  );
  t.equal(older?.fields.found, 'P.1 1, P.2 1, P.3 1, P.4 1, P.5 1 and 4 more');
  t.equal(older?.fields.expected, 'at least P.1 2, P.2 2, P.3 2, P.4 2, P.5 2');
});

t.test('the date decides where versions say nothing, and only there', async (t) => {
  t.match(judge(HELD, HELD, { found: MONDAY, held: TUESDAY }).older, {
    code: 'RLY_UPDATE_OLDER',
    fields: { found: `Last-Modified: ${MONDAY}`, expected: `at least ${TUESDAY}` },
  });
  t.strictSame(judge(HELD, HELD, { found: TUESDAY, held: MONDAY }), FREE);
  t.strictSame(judge(HELD, HELD, { found: TUESDAY, held: TUESDAY }), FREE);
  const newer = [pattern('P.4', '1998900'), HELD[1] as never];
  t.strictSame(
    judge(newer, HELD, { found: MONDAY, held: TUESDAY }),
    FREE,
    'a clock that was set back holds up nothing',
  );
  for (const dates of [{ found: MONDAY }, { held: TUESDAY }, { found: 'yesterday', held: TUESDAY }]) {
    t.strictSame(judge(HELD, HELD, dates), FREE, 'no date is no earlier one');
  }
});

t.test('half may go, more may not; what came in its place does not count', async (t) => {
  const before = [...HELD, ...incrementals('P.4', 4)];
  t.strictSame(judge([...HELD, ...incrementals('P.4', 1)], before), FREE, '3 of 6 are gone');
  t.match(judge(HELD, before).shrunk, {
    code: 'RLY_UPDATE_SHRUNK',
    fields: { url, found: 4, expected: 6, things: 'pattern and engine files that generation 6 lists' },
  });
  t.match(judge([...HELD, ...incrementals('P.999', 40)], before).shrunk, { fields: { found: 4, expected: 6 } });
  t.match(judge([], before).shrunk, { fields: { found: 6, expected: 6 } });
});

t.test('nor more than half of the components of any earlier moment, however few go at once', async (t) => {
  const listing = (ids: readonly string[]) => ids.map((id) => pattern(id, '1'));
  const listed = [
    { generation: 1, components: ['P.1', 'P.2', 'P.3', 'P.4'] },
    { generation: 5, components: ['P.5', 'P.6'] },
  ];
  const judged = (ids: readonly string[]) => judge(listing(ids), listing(ids), { listed });
  t.strictSame(judged(['P.1', 'P.2', 'P.5']), FREE, '2 of the first 4 are there, and 3 of all 6');
  t.match(judged(['P.1', 'P.5', 'P.6']).shrunk, {
    code: 'RLY_UPDATE_SHRUNK',
    fields: { url, found: 3, expected: 4, things: 'components that were known in generation 1' },
  });
  t.match(judged(['P.1', 'P.2']).shrunk, { fields: { found: 4, expected: 6, things: /generation 5/ } });
  const madeUp = Array.from({ length: 100 }, (_, n) => `P.9${n}`);
  const padded = [...listed, { generation: 6, components: madeUp }];
  t.match(judge(listing(madeUp), listing(madeUp), { listed: padded }).shrunk, { fields: { found: 4, expected: 4 } });
});

t.test('packages and signatures are not counted', async (t) => {
  const packages: ComponentFiles = Array.from({ length: 50 }, () => ({
    component: 'Info_1',
    kind: 'program' as const,
    version: null,
  }));
  t.strictSame(judge(HELD, [...HELD, ...packages]), FREE);
  const signatures: ComponentFiles = packages.map((item) => ({ ...item, kind: 'signature' as const }));
  t.strictSame(judge(HELD, [...HELD, ...signatures]), FREE);
  t.match(judge(packages, [...HELD, ...packages]).shrunk, { fields: { found: 2, expected: 2 } });
});

t.test('what shrank is measured against what the source had before, not against another’s', async (t) => {
  const wide = [...HELD, ...incrementals('P.4', 40)];
  t.strictSame(judge(HELD, wide, { before: HELD }), FREE);
  t.match(judge(HELD, HELD, { before: wide }).shrunk, { fields: { found: 40, expected: 42 } });
});

t.test(
  'of two listings that differ in a version, one goes back behind the other, never both, and none behind itself',
  async () => {
    const version = fc.tuple(fc.nat(30), fc.nat(30)).map((parts) => parts.join('.'));
    const files = fc
      .array(fc.tuple(fc.constantFrom('P.1', 'P.2', 'E.1'), version), { maxLength: 3 })
      .map((items) => [...new Map(items)].map(([id, value]) => pattern(id, value)));
    fc.assert(
      fc.property(files, files, (a, b) => {
        const [there, back] = [judge(a, b), judge(b, a)];
        const itself = judge(a, a);
        return itself.older === null && itself.shrunk === null && !(there.isBehind && back.isBehind);
      }),
    );
  },
);
