import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { diffManifests } from '../../src/manifest/diff.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { scanSections } from '../../src/manifest/scan.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';

/** A file of the index to be: what parsing must give back. */
interface Wanted {
  readonly path: string;
  readonly version: string | null;
  readonly size: number;
}
interface WantedComponent {
  readonly id: string;
  readonly full: Wanted;
  readonly incrementals: readonly Wanted[];
}

function asWanted({ id, full, incrementals }: WantedComponent): WantedComponent {
  const only = ({ path, version: v, size: s }: Wanted): Wanted => ({ path, version: v, size: s });
  return { id, full: only(full), incrementals: incrementals.map(only) };
}

function asText(value: WantedComponent | Wanted): string {
  return JSON.stringify(value);
}

function byId(a: WantedComponent, b: WantedComponent): number {
  return a.id < b.id ? -1 : 1;
}

const letters = fc.string({
  unit: fc.constantFrom('a', 'X', '0', '_', '.', ' ', 'ü', '('),
  minLength: 1,
  maxLength: 6,
});
const version = fc.oneof(fc.nat(9_999_999).map(String), fc.constantFrom('12.5.1004', '00001800', '2.52c'));
const size = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constant(2 ** 31));

// The number before the name makes each path differ from all others, whatever the name is.
function wanted(folder: string, number: string): fc.Arbitrary<Wanted> {
  return fc.record({ path: letters.map((name) => `${folder}/${number}~${name}x`), version, size });
}

function component(family: 'P' | 'E', number: number): fc.Arbitrary<WantedComponent> {
  const steps = family === 'P' ? [0, 1, 2, 12] : [0];
  return fc.constantFrom(...steps).chain((count) =>
    fc.record({
      id: fc.constant(`${family}.${number}`),
      full: wanted(family === 'P' ? 'pattern' : 'Engine/deep', `${number}`),
      incrementals: fc.tuple(...Array.from({ length: count }, (_, n) => wanted('Pattern', `${number}_${n}`))),
    }),
  );
}

function components(family: 'P' | 'E', minLength: number): fc.Arbitrary<readonly WantedComponent[]> {
  return fc
    .uniqueArray(fc.nat(99_999_999), { minLength, maxLength: 6 })
    .chain((numbers) => fc.tuple(...numbers.map((number) => component(family, number))));
}

// Ways to write the same index; `ranks` shuffle the entries of a section.
const layouts = fc.record({
  eol: fc.constantFrom('\n', '\r\n'),
  comma: fc.constantFrom(',', ', ', ' ,\t'),
  equals: fc.constantFrom('=', ' = '),
  count: fc.constantFrom('MergeCount', 'MergeCountEx', 'MergeCountIU'),
  between: fc.constantFrom<readonly string[]>([], [''], ['; note', ' \t', '']),
  bom: fc.constantFrom('', '\ufeff'),
  ranks: fc.infiniteStream(fc.nat()),
});
type Layout = typeof layouts extends fc.Arbitrary<infer T> ? T : never;

function write(
  wantedComponents: readonly WantedComponent[],
  layout: Layout,
): { bytes: Buffer; lines: readonly string[] } {
  const { eol, comma, equals, count, between, bom, ranks } = layout;
  const fields = ({ path, version: v, size: s }: Wanted): string => [path, v, s].join(comma);
  const shuffled = (entries: readonly string[]): readonly string[] =>
    entries
      .map((entry) => ({ entry, rank: ranks.next().value }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ entry }) => entry);
  const patternLines = ({ id, full, incrementals }: WantedComponent): readonly string[] => [
    `${id}${equals}${fields(full)}`,
    `${id}.${count}${equals}${incrementals.length}`,
    ...incrementals.map((file, n) => `${id}.Merge.${n + 1}${equals}${fields(file)}`),
  ];
  const engineLine = ({ id, full }: WantedComponent): string => `${id}${equals}NAME${comma}${fields(full)}${comma}1.0`;

  const [patterns, engines] = [
    wantedComponents.filter(({ id }) => id.startsWith('P.')),
    wantedComponents.filter(({ id }) => id.startsWith('E.')),
  ];
  const lines = [
    ['[Common]', 'Version=1.0', ...between],
    ['[Server]', 'Server.1=https://example.com', ...between],
    ['[PATTERN]', ...shuffled(patterns.flatMap(patternLines)), ...between],
    ['[ENGINE]', ...shuffled(engines.map(engineLine))],
  ].flat();
  return { bytes: Buffer.from(bom + lines.map((line) => line + eol).join('')), lines };
}

const wholeIndex = fc.tuple(components('P', 1), components('E', 0)).map((families) => families.flat());

t.test('an index gives the components it was made of, and its bytes', async () => {
  fc.assert(
    fc.property(wholeIndex, layouts, (expected, layout) => {
      const { bytes, lines } = write(expected, layout);
      const manifest = parseManifest(bytes);
      deepStrictEqual(manifest.components.map(asWanted).sort(byId), expected.map(asWanted).sort(byId));
      deepStrictEqual(manifest.notices, []);
      ok(manifest.bytes.equals(bytes));
      ok(manifest.objects.every(({ path, line }) => lines[line - 1]?.includes(path)));
    }),
  );
});

t.test('commenting [Server] adds semicolons and nothing else, once, and hides the section', async () => {
  fc.assert(
    fc.property(wholeIndex, layouts, (listed, layout) => {
      const { bytes } = write(listed, layout);
      const commented = withServerSection(bytes, 'comment');
      const restored = commented.toString().replaceAll(/^(\ufeff?);(?=\[Server\]|Server\.1)/gm, '$1');
      return (
        restored === bytes.toString() &&
        withServerSection(commented, 'comment').equals(commented) &&
        !scanSections(commented).has('server') &&
        parseManifest(commented).totalSize === parseManifest(bytes).totalSize
      );
    }),
  );
});

t.test(
  'from one index to the next, exactly the components that differ are told, and the files that differ fetched',
  async () => {
    const stays = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    const filesOf = (all: readonly WantedComponent[]): readonly Wanted[] =>
      all.flatMap(({ full, incrementals }) => [full, ...incrementals]);
    fc.assert(
      fc.property(wholeIndex, stays, wholeIndex, layouts, layouts, (before, staying, fresh, one, other) => {
        const kept = before.filter((_, n) => staying[n]);
        const after = [...kept, ...fresh.filter(({ id }) => kept.every((stayed) => stayed.id !== id))];
        const { components: changes, toFetch } = diffManifests(
          parseManifest(write(before, one).bytes),
          parseManifest(write(after, other).bytes),
        );

        const [had, have] = [new Set(before.map(asText)), new Set(after.map(asText))];
        const differing = [...before.filter((c) => !have.has(asText(c))), ...after.filter((c) => !had.has(asText(c)))];
        deepStrictEqual(new Set(changes.map(({ id }) => id)), new Set(differing.map(({ id }) => id)));
        const files = new Set(filesOf(before).map(asText));
        const sizes = filesOf(after)
          .filter((file) => !files.has(asText(file)))
          .map(({ size: bytes }) => bytes);
        deepStrictEqual(toFetch, { objects: sizes.length, bytes: sizes.reduce((sum, bytes) => sum + bytes, 0) });
      }),
    );
  },
);
