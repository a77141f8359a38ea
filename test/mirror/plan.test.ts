import t from 'tap';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { objectIdentity } from '../../src/manifest/model.ts';
import { signaturePath } from '../../src/manifest/path.ts';
import { identityOf } from '../../src/flight/fetch-item.ts';
import { planUpdate, type PlanInput } from '../../src/mirror/plan.ts';
import { prefetchAll } from '../support/prefetch-all.ts';
import type { GenerationObject } from '../../src/ports/generation.ts';
import { toIndex } from '../support/sample-index.ts';

const manifest = parseManifest(
  toIndex(
    '[PATTERN]',
    'P.4=pattern/vsapi241.zip, 1724100, 65000',
    'P.800=pattern/tscptn.zip, 1630, 2275',
    'P.4.MergeCount=2',
    'P.4.Merge.1=pattern/v_239.241, 1723900, 250',
    'P.4.Merge.2=pattern/v_237.241, 1723700, 200',
    '[ENGINE]',
    'E.10=NAME, engine/ntkd.zip, 12.5.1004, 1343, 6.51.1002',
    '[Info_524_10000_1_1]',
    'Path=product/agent.zip,900',
  ),
);

const object = (path: string, more: Partial<GenerationObject> = {}): GenerationObject => ({
  path,
  kind: 'pattern',
  component: 'P.4',
  version: null,
  size: 1,
  sha256: 'a'.repeat(64),
  proof: 'size',
  source: 'http://osce.example/officescan/download',
  fetchedAt: '2024-06-01T00:00:00.000Z',
  ...more,
});
const cleanup = object('pattern/tscptn.zip', { component: 'P.800', version: '1630', size: 2275 });
const signature = object('pattern/v_239.sig', { kind: 'signature', size: 384 });

const plan = (input: Partial<PlanInput> = {}) =>
  planUpdate({
    manifest,
    index: 'this',
    held: [],
    staged: [],
    programs: true,
    prefetches: prefetchAll,
    patternsOnly: false,
    ...input,
  });
const paths = (items: readonly { readonly path: string }[]) => items.map(({ path }) => path);

t.test('a first update fetches all: small and protective first, packages last', async (t) => {
  const { fetch, reuse, bytes } = plan();
  t.strictSame(paths(fetch), [
    'pattern/v_237.241',
    'pattern/v_239.241',
    'pattern/vsapi241.sig',
    'pattern/tscptn.sig',
    'pattern/v_239.sig',
    'pattern/v_237.sig',
    'engine/ntkd.sig',
    'product/agent.sig',
    'engine/ntkd.zip',
    'pattern/tscptn.zip',
    'pattern/vsapi241.zip',
    'product/agent.zip',
  ]);
  t.strictSame(reuse, []);
  t.equal(bytes, 65_000 + 2275 + 250 + 200 + 1343 + 900);
});

t.test('a signature is of the component of what it signs, and of no size that anyone could know', async (t) => {
  t.match(
    plan().fetch.find(({ path }) => path === 'engine/ntkd.sig'),
    { kind: 'signature', component: 'E.10', version: null, size: null },
  );
});

t.test('programs and their signatures are left out where they are not wanted', async (t) => {
  const { fetch, bytes } = plan({ programs: false });
  t.strictSame(
    paths(fetch).filter((path) => path.startsWith('product/')),
    [],
  );
  t.equal(bytes, 65_000 + 2275 + 250 + 200 + 1343);
});

t.test('an object is here when path, version and size are the same', async (t) => {
  const { fetch, reuse, bytes } = plan({ held: [cleanup] });
  t.strictSame(reuse, [cleanup]);
  t.notOk(paths(fetch).includes(cleanup.path));
  t.equal(bytes, plan().bytes - cleanup.size);
});

t.test('a name that recurs with other content is fetched', async (t) => {
  for (const other of [{ version: '1628' }, { size: 2276 }, { version: null }]) {
    const { fetch, reuse } = plan({ held: [{ ...cleanup, ...other }] });
    t.strictSame(reuse, [], JSON.stringify(other));
    t.ok(paths(fetch).includes(cleanup.path));
  }
});

t.test('the case of a path makes no other object; the path is written as this index writes it', async (t) => {
  t.strictSame(plan({ held: [{ ...cleanup, path: 'Pattern/TSCPTN.zip' }] }).reuse, [cleanup]);
});

t.test('what stood in another role is reused in the one this index gives it', async (t) => {
  const before = { ...cleanup, kind: 'engine', component: 'E.99' } as const;
  t.strictSame(plan({ held: [before] }).reuse, [cleanup]);
});

t.test('what an unfinished update left is as good, without the mark of its index', async (t) => {
  t.strictSame(plan({ staged: [{ ...cleanup, index: 'another' }] }).reuse, [cleanup]);
});

t.test('a signature of a generation is never believed: its name recurs', async (t) => {
  const { fetch, reuse } = plan({ held: [signature] });
  t.strictSame(reuse, []);
  t.ok(paths(fetch).includes(signature.path));
});

t.test('a staged signature is good for the very index it was fetched for', async (t) => {
  t.strictSame(plan({ staged: [{ ...signature, index: 'this' }] }).reuse, [signature]);
  t.strictSame(plan({ staged: [{ ...signature, index: 'another' }] }).reuse, []);
});

t.test('of two of one identity, the later one counts', async (t) => {
  const newer = { ...cleanup, sha256: 'b'.repeat(64) };
  t.strictSame(plan({ held: [cleanup, newer] }).reuse, [newer]);
  t.strictSame(plan({ held: [newer], staged: [{ ...cleanup, index: 'this' }] }).reuse, [cleanup]);
});

t.test('the identity of a signature is its place alone', async (t) => {
  t.equal(identityOf(signature), identityOf({ ...signature, path: 'PATTERN/v_239.SIG', size: null }));
  t.not(identityOf(cleanup), identityOf({ ...cleanup, size: 1 }));
});

t.test('from a source for patterns only, engines come from disk or not at all', async (t) => {
  const first = plan({ patternsOnly: true });
  const engines = manifest.objects.filter(({ kind }) => kind === 'engine').map(({ path }) => path);
  t.ok(engines.length > 0);
  t.match(first.absent, engines);
  t.notOk(
    first.fetch.some(({ component }) => component.startsWith('E.')),
    'nor are their signatures fetched',
  );
  t.strictSame(plan().absent, []);
});

t.test('another source has to list the object itself, or the one a signature belongs to', async (t) => {
  const { fetch } = plan();
  for (const { path, kind, listing } of fetch) {
    const listed = manifest.objects.find((candidate) => objectIdentity(candidate) === listing);
    t.equal(kind === 'signature' ? signaturePath(listed?.path ?? '') : listed?.path, path);
  }
});
