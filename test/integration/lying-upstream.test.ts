import t, { type Test } from 'tap';
import type { Fault } from '../../src/lab/faults.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue, type Release } from '../../src/lab/release.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { signaturePath } from '../../src/manifest/path.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import { branchAgent } from '../support/branch-agent.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from '../support/relay-for.ts';
import { refusals } from '../support/refusals.ts';
import { differences, generationDifferences } from '../support/release-truth.ts';
import { trimmedRelease } from '../support/trimmed-release.ts';
import { LIES, TARGETS, type Target } from './lies.ts';

/** Tight enough for a test; what is tried twice survives a machine that stands still for a moment. */
const LIMITS = { headers: 1000, gap: 1000, rateWindow: 300, minimumBytesPerSecond: 500, tries: 2, firstPause: 1 };

/** A relay below a source that has a new release for each lie. */
interface Scene {
  readonly lab: LabServer;
  readonly relay: TestRelay;
  /** What agents get, held against a release: the paths that differ. */
  served(release: Release): Promise<string[]>;
  /** Publishes the next release; answers it and the one before. */
  next(): { readonly before: Release; readonly after: Release };
}

const catalogue = createCatalogue({ shape: 'small' });

// Virus Pattern, whose every file is new in each release, and an engine.
const COMPONENTS = ['P.4', 'E.10'];

async function scene(t: Test, components = COMPONENTS): Promise<Scene> {
  const releaseOf = (at: number) => trimmedRelease(catalogue.release(at), components);
  let number = 1;
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: releaseOf(number) });
  const relay = await relayFor(t, await relayEnv(t, lab.url), { limits: LIMITS });
  const agent = branchAgent(t, relay.agentsUrl, '127.0.0.21');
  await relay.mirror.update('administrator');
  return {
    lab,
    relay,
    served: (release) => differences(release, agent.read, { index: withServerSection(release.index, 'comment') }),
    next() {
      const before = releaseOf(number);
      const after = releaseOf((number += 1));
      lab.publish(after);
      return { before, after };
    },
  };
}

/** Where the target lies in a release: something that the update to it has to fetch. */
function pathOf(target: Target, { index }: Release): string {
  return {
    index: 'server.ini',
    incremental: nearestIncremental(index),
    pattern: parseManifest(index).components[0]?.full.path ?? '',
    signature: signaturePath(nearestIncremental(index)),
  }[target];
}

/** Of the first pattern. */
function nearestIncremental(index: Buffer): string {
  return parseManifest(index).components[0]?.incrementals[0]?.path ?? '';
}

for (const target of TARGETS) {
  t.test(`when the ${target} lies, the old generation stays, and the error says what and where`, async (t) => {
    const { lab, relay, served, next } = await scene(t);
    const { mirror, store } = relay;
    const kind = target === 'incremental' || target === 'pattern' ? 'object' : target;

    for (const lie of LIES) {
      const verdict = lie[kind];
      if (verdict === 'unseen') continue;
      t.test(`it ${lie.what}${verdict === 'harmless' ? ', which does no harm' : ''}`, async (t) => {
        const { before, after } = next();
        const path = pathOf(target, after);
        const number = store.generations.current()?.number;
        const honest = lab.faults.on({ ...lie.fault, match: path });
        if (verdict !== 'harmless') {
          const [refusal] = await refusals(mirror.update('administrator'));
          t.equal(refusal?.code, verdict.code);
          const { lastError } = mirror.view();
          t.match(lastError, new RegExp(`^RLY_UPDATE_NO_SOURCE: .*${lab.componentsUrl}`));
          t.ok(lastError?.includes(path), `it names ${path}: ${lastError}`);
          t.match(lastError, verdict.says);
          t.equal(store.generations.current()?.number, number);
          t.strictSame(await served(before), []);
          honest();
        }
        t.match(await mirror.update('administrator'), { result: 'published' });
        honest();
        t.match(mirror.view(), { lastError: null });
        t.strictSame(await generationDifferences(after, store), []);
      });
    }
    t.test('and afterwards agents have the last release, whole', async (t) => {
      t.strictSame(await served(next().before), []);
    });
  });
}

t.test('an index that', async (t) => {
  const { lab, relay, served, next } = await scene(t);
  const endingAt =
    (text: string) =>
    ({ index }: Release): Fault => ({ kind: 'wrongSize', by: index.indexOf(text) - index.length });
  const lies: readonly [what: string, fault: (release: Release) => Fault, refusal: RegExp][] = [
    ['is empty', endingAt('[Common]'), /^RLY_MANIFEST_NOT_AN_INDEX: .*begins with ""/],
    ['ends before its patterns', endingAt('[PATTERN]'), /^RLY_MANIFEST_NOT_AN_INDEX: .*no \[PATTERN\] section/],
    [
      'ends between two incrementals',
      endingAt('P.4.Merge.3'),
      /^RLY_MANIFEST_COUNT: line \d+ .*found 2 listed, expected 4/,
    ],
    [
      'names another incremental, as one bit is flipped,',
      () => ({ kind: 'wrongBytes' }),
      /^RLY_UPSTREAM_NOT_FOUND: \S+\/pattern\/v_\S+ is not there/,
    ],
    ['never answers', () => ({ kind: 'silent' }), /^RLY_UPSTREAM_TIMEOUT: .*sent no answer for 1 s/],
  ];
  for (const [what, fault, refusal] of lies) {
    t.test(`${what} changes nothing`, async (t) => {
      const { before, after } = next();
      lab.faults.on({ ...fault(after), match: 'server.ini' });
      const [error] = await refusals(relay.mirror.update('administrator'));
      t.match(`${error?.code}: ${error?.message}`, refusal);
      lab.faults.clear();
      t.strictSame(await served(before), []);
      await relay.mirror.update('administrator');
    });
  }
});

t.test(
  'what nobody can tell from the truth is passed on as it came, and the next release is right again',
  async (t) => {
    const { lab, relay, served, next } = await scene(t, ['P.48020000']);
    const [signature, incremental] = [
      ({ index }: Release) => signaturePath(nearestIncremental(index)),
      ({ index }: Release) => nearestIncremental(index),
    ];
    const lies: readonly [what: string, path: (release: Release) => string, fault: Fault][] = [
      ['a signature with a bit flipped', signature, { kind: 'wrongBytes' }],
      ['a longer signature', signature, { kind: 'wrongSize', by: 10 }],
      ['a signature longer than its length', signature, { kind: 'lyingLength', by: -10 }],
      ['a signature that is not there', signature, { kind: 'status', status: 404 }],
      ['an incremental of unknown format with a bit flipped', incremental, { kind: 'wrongBytes' }],
      ['an index that ends early where it may end', () => 'server.ini', { kind: 'wrongSize', by: -10 }],
      ['an index longer than its length', () => 'server.ini', { kind: 'lyingLength', by: -10 }],
    ];
    for (const [what, pathIn, fault] of lies) {
      t.test(what, async (t) => {
        const { after } = next();
        const path = pathIn(after);
        const honest = lab.faults.on({ ...fault, match: path });
        t.match(await relay.mirror.update('administrator'), { result: 'published' });
        t.strictSame(await served(after), [path], 'this alone is different');
        honest();
        const { after: later } = next();
        await relay.mirror.update('administrator');
        t.strictSame(await served(later), []);
      });
    }
  },
);
