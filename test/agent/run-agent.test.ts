import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AgentProgress } from '../../src/agent/progress.ts';
import type { AgentReport } from '../../src/agent/report.ts';
import { runAgent, type AgentOptions } from '../../src/agent/run-agent.ts';
import { createLabServer, type LabServer } from '../../src/lab/lab-server.ts';
import { ABSENT_PROGRAMS } from '../../src/lab/programs.ts';
import { createCatalogue, type Release } from '../../src/lab/release.ts';
import { signaturePath } from '../../src/manifest/path.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { testUpstream } from '../support/test-upstream.ts';

const catalogue = createCatalogue({ shape: 'small' });
const first = catalogue.release(1);
const second = catalogue.release(2);

async function sourceFor(t: Test, release: Release = first): Promise<LabServer> {
  const server = await createLabServer({ kind: 'activeUpdate', release });
  t.teardown(() => server.close());
  return server;
}

/** One run with an upstream of its own; what is not said is that of a new agent that keeps nothing. */
function run(t: Test, sources: readonly LabServer[], options: Partial<AgentOptions> = {}): Promise<AgentReport> {
  return runAgent({
    sources: sources.map(({ componentsUrl }) => componentsUrl),
    out: null,
    have: new Map(),
    upstream: testUpstream(t),
    clock: systemClock,
    ...options,
  });
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const pathsAsked = ({ requests }: LabServer) => requests.map(({ path }) => path);
/** The object of a component that this run fetched. */
const pathOf = ({ components }: AgentReport, id: string) => components.find((item) => item.id === id)?.path ?? '';

/** Compares every hash of a report with what the release really holds. */
async function matchesRelease(t: Test, { components }: AgentReport, release: Release): Promise<void> {
  for (const { id, path, sha256, signature, how, bytes } of components) {
    if (path === null || how === 'absent') continue;
    const truth = await release.file(path);
    t.equal(sha256, hashOf(truth), `${id} ${path}`);
    t.equal(bytes, truth.length);
    const signed = release.files.get(signaturePath(path));
    t.equal(signature, signed ? hashOf(await signed.read()) : null, `signature of ${path}`);
  }
}

t.test('a new agent', async (t) => {
  t.test('takes every component whole, byte for byte, with the signatures the source has', async (t) => {
    const source = await sourceFor(t);
    const report = await run(t, [source]);
    await matchesRelease(t, report, first);
    t.strictSame(new Map(report.components.map(({ id, after }) => [id, after])), first.versions);
    t.match(report, {
      source: source.componentsUrl,
      index: hashOf(first.index),
      attempts: [{ source: source.componentsUrl, error: null }],
      totals: { full: first.versions.size, incremental: 0, current: 0, absent: 0, received: source.bytesSent },
    });
    t.ok(
      report.components.some(({ signature }) => signature === null),
      'one has no signature, and that is no failure',
    );
    t.ok(report.components.some(({ signature }) => signature !== null));
  });

  t.test('asks for one thing at a time, the index first, and for nothing it does not need', async (t) => {
    const source = await sourceFor(t);
    const report = await run(t, [source], { only: ['engines'] });
    const engines = report.components.map(({ path }) => path ?? '');
    t.ok(engines.length > 1);
    t.strictSame(pathsAsked(source), ['server.ini', ...engines.flatMap((path) => [path, signaturePath(path)])]);
  });

  t.test('keeps the tree of the index in its folder', async (t) => {
    const source = await sourceFor(t);
    const out = t.testdir();
    const report = await run(t, [source], { out });
    for (const { path } of report.components) {
      t.strictSame(await readFile(join(out, path ?? '')), await first.file(path ?? ''));
    }
    const virus = pathOf(report, 'P.4');
    t.strictSame(await readFile(join(out, signaturePath(virus))), await first.file(signaturePath(virus)));
  });

  t.test('tells how far it is, up to the end', async (t) => {
    const source = await sourceFor(t);
    const told: AgentProgress[] = [];
    const report = await run(t, [source], { onProgress: (progress) => told.push(progress) });
    t.match(told[0], { source: source.componentsUrl, done: 0, bytes: 0, items: [] });
    const { totals } = report;
    t.match(told.at(-1), { done: totals.full, total: totals.full, bytes: totals.bytes, totalBytes: totals.bytes });
    t.ok(
      told.every((now, at) => now.bytes >= (told[at - 1]?.bytes ?? 0)),
      'never backwards',
    );
    t.ok(told.some(({ items }) => items[0]?.name === pathOf(report, 'P.4')));
  });
});

t.test('an agent that holds versions', async (t) => {
  t.test('takes the incremental from the version it is told to have', async (t) => {
    const source = await sourceFor(t, second);
    const report = await run(t, [source], { have: first.versions });
    await matchesRelease(t, report, second);
    const virus = report.components.find(({ id }) => id === 'P.4');
    t.match(virus, { how: 'incremental', before: first.versions.get('P.4'), after: second.versions.get('P.4') });
    t.equal(second.files.get(virus?.path ?? '')?.kind, 'incremental');
  });

  t.test('asks for nothing but the index when it is current', async (t) => {
    const source = await sourceFor(t);
    const report = await run(t, [source], { have: first.versions });
    t.strictSame(pathsAsked(source), ['server.ini']);
    t.match(report.totals, { current: first.versions.size, bytes: 0, received: first.index.length });
  });

  t.test('does not go back when a source is behind', async (t) => {
    const source = await sourceFor(t, first);
    const report = await run(t, [source], { have: second.versions });
    t.strictSame(pathsAsked(source), ['server.ini']);
    t.strictSame(new Map(report.components.map(({ id, after }) => [id, after])), second.versions);
  });

  t.test('remembers them in its folder: the second run takes incrementals, the third nothing', async (t) => {
    const source = await sourceFor(t);
    const out = t.testdir();
    await run(t, [source], { out });
    source.publish(second);
    const report = await run(t, [source], { out });
    await matchesRelease(t, report, second);
    t.match(
      report.components.find(({ id }) => id === 'P.4'),
      { how: 'incremental' },
    );
    t.ok(report.totals.current > 0);
    source.reset();
    t.equal((await run(t, [source], { out })).totals.current, second.versions.size);
    t.strictSame(pathsAsked(source), ['server.ini']);
  });

  t.test('believes what it is told rather than what it remembers', async (t) => {
    const source = await sourceFor(t);
    const out = t.testdir();
    await run(t, [source], { out });
    const report = await run(t, [source], { out, have: new Map([['P.4', '100']]) });
    t.match(
      report.components.find(({ id }) => id === 'P.4'),
      { how: 'full', before: '100' },
    );
  });
});

t.test('program packages', async (t) => {
  t.test('come when they are asked for; those the source no longer has are absent, not a failure', async (t) => {
    const source = await sourceFor(t);
    const report = await run(t, [source], { only: ['programs'] });
    await matchesRelease(t, report, first);
    t.equal(report.totals.absent, ABSENT_PROGRAMS.length);
    t.ok(report.totals.full > 0);
    const absent = report.components.filter(({ how }) => how === 'absent').map(({ path }) => path);
    t.strictSame(new Set(absent), new Set(ABSENT_PROGRAMS));
  });

  t.test('of a wrong size are absent too, and what is here already is current', async (t) => {
    const source = await sourceFor(t);
    const out = t.testdir();
    const path = 'product/guard_patch.zip';
    const wrong = source.faults.on({ kind: 'wrongSize', by: -1, match: path });
    const before = await run(t, [source], { only: ['programs'], out });
    t.match(
      before.components.find((item) => item.path === path),
      { how: 'absent', sha256: null },
    );
    wrong();
    source.reset();
    const after = await run(t, [source], { only: ['programs'], out });
    t.match(after.totals, { full: 1, current: before.totals.full, absent: ABSENT_PROGRAMS.length });
    t.ok(pathsAsked(source).includes(path));
    t.notOk(pathsAsked(source).includes('product/guard_agent.zip'));
  });
});

t.test('when a source fails', async (t) => {
  t.test('a reset in the middle costs only the bytes that are missing', async (t) => {
    const source = await sourceFor(t);
    const virus = [...first.files.values()].find(({ kind, path }) => kind === 'pattern' && path.includes('vsapi'));
    const { path = '', size = 0 } = virus ?? {};
    // Dripping: a reset throws away what the client has not read yet, and the first drip must be there.
    source.faults.on({ kind: 'slow', bytesPerSecond: 20_000, match: path, times: 1 });
    source.faults.on({ kind: 'reset', after: 2000, match: path, times: 1 });
    const report = await run(t, [source]);
    await matchesRelease(t, report, first);
    t.equal(report.attempts.length, 1, 'that is no reason to leave the source');
    const [cut, rest] = source.requests.filter((request) => request.path === path);
    t.match(rest, { status: 206, range: /^bytes=\d+-$/ });
    const resumedAt = Number(rest?.range?.match(/\d+/)?.[0]);
    t.ok(resumedAt > 0);
    t.equal(rest?.bytes, size - resumedAt);
    t.ok((cut?.bytes ?? 0) < size);
  });

  t.test(
    'an object of the wrong size sends the agent to the next source, and what was whole is not fetched again',
    async (t) => {
      const [torn, good] = [await sourceFor(t), await sourceFor(t)];
      const engine = [...first.files.values()].find(({ kind }) => kind === 'engine')?.path ?? '';
      torn.faults.on({ kind: 'wrongSize', by: 3, match: engine });
      const report = await run(t, [torn, good]);
      await matchesRelease(t, report, first);
      t.match(report, {
        source: good.componentsUrl,
        attempts: [
          { source: torn.componentsUrl, error: { code: 'RLY_UPSTREAM_SIZE', message: new RegExp(engine) } },
          { source: good.componentsUrl, error: null },
        ],
      });
      t.ok(pathsAsked(torn).includes(pathOf(report, 'P.4')));
      t.notOk(pathsAsked(good).includes(pathOf(report, 'P.4')), 'it came whole from the first');
      t.ok(pathsAsked(good).includes(signaturePath(pathOf(report, 'P.4'))), 'a signature belongs to its index');
    },
  );

  t.test('a next source with another release is another start: nothing of the first is mixed in', async (t) => {
    const [older, newer] = [await sourceFor(t, first), await sourceFor(t, second)];
    older.faults.on({ kind: 'status', status: 404, match: (path) => path.startsWith('engine/') });
    const report = await run(t, [older, newer]);
    await matchesRelease(t, report, second);
    t.strictSame(new Map(report.components.map(({ id, after }) => [id, after])), second.versions);
  });

  t.test('an index that is a login page, and one that is missing, are failures of their sources', async (t) => {
    const [portal, releasing, good] = [await sourceFor(t), await sourceFor(t), await sourceFor(t)];
    portal.faults.on({ kind: 'portal' });
    releasing.publishSlowly(second);
    const report = await run(t, [portal, releasing, good]);
    t.strictSame(
      report.attempts.map(({ error }) => error?.code ?? null),
      ['RLY_MANIFEST_NOT_AN_INDEX', 'RLY_UPSTREAM_NOT_FOUND', null],
    );
  });

  t.test('a signature that cannot be had is one too, unless it is missing', async (t) => {
    const source = await sourceFor(t);
    source.faults.on({ kind: 'status', status: 403, match: (path) => path.endsWith('.sig') });
    await t.rejects(run(t, [source]), { code: 'RLY_AGENT_NO_SOURCE', fields: { reasons: /\.sig/ } });
  });

  t.test('all of them: it quits, and the error names each source with its reason', async (t) => {
    const [portal, gone] = [await sourceFor(t), await sourceFor(t)];
    portal.faults.on({ kind: 'portal' });
    await gone.close();
    t.teardown(() => gone.close().catch(() => {}));
    const error = await run(t, [portal, gone]).catch((reason: unknown) => reason);
    t.match(error, {
      code: 'RLY_AGENT_NO_SOURCE',
      fault: 'upstream',
      fields: {
        count: 2,
        reasons: new RegExp(`${portal.componentsUrl}.*not a server.ini.*; .*${gone.componentsUrl}.*refused`),
      },
      cause: { errors: [{ code: 'RLY_MANIFEST_NOT_AN_INDEX' }, { code: 'RLY_UPSTREAM_REFUSED' }] },
    });
  });

  t.test('what it brought before it failed is not fetched by the next run, and no version is claimed', async (t) => {
    const source = await sourceFor(t);
    const out = t.testdir();
    const broken = source.faults.on({ kind: 'status', status: 404, match: (path) => path.startsWith('engine/') });
    await t.rejects(run(t, [source], { out }), { code: 'RLY_AGENT_NO_SOURCE' });
    broken();
    source.reset();
    const report = await run(t, [source], { out });
    t.match(
      report.components.find(({ id }) => id === 'P.4'),
      { how: 'full', before: null },
    );
    t.notOk(pathsAsked(source).includes(pathOf(report, 'P.4')));
    await matchesRelease(t, report, first);
  });

  t.test('a download that was cut for good is continued by the next run: only the missing bytes come', async (t) => {
    const source = await sourceFor(t);
    const out = t.testdir();
    const path =
      [...first.files.values()].find((file) => file.kind === 'pattern' && file.path.includes('vsapi'))?.path ?? '';
    source.faults.on({ kind: 'slow', bytesPerSecond: 20_000, match: path, times: 1 });
    source.faults.on({ kind: 'reset', after: 2000, match: path, times: 1 });
    const dead = source.faults.on({
      kind: 'status',
      status: 404,
      match: (asked) => asked === path && source.requests.length > 2,
    });
    await t.rejects(run(t, [source], { out }), { code: 'RLY_AGENT_NO_SOURCE' });
    dead();
    source.reset();
    const report = await run(t, [source], { out });
    await matchesRelease(t, report, first);
    t.strictSame(await readFile(join(out, path)), await first.file(path));
    t.match(
      source.requests.find((request) => request.path === path),
      { status: 206, range: /^bytes=[12]000-$/ },
    );
    t.strictSame(
      (await readdir(join(out, 'pattern'))).filter((name) => name.includes('.part')),
      [],
    );
  });

  t.test('a part of another content under the same name is thrown away', async (t) => {
    const source = await sourceFor(t);
    const out = t.testdir();
    const path = 'pattern/tscptn.zip';
    source.faults.on({ kind: 'slow', bytesPerSecond: 4000, match: path });
    source.faults.on({ kind: 'reset', after: 600, match: path, times: 1 });
    let asked = 0;
    source.faults.on({ kind: 'status', status: 404, match: (name) => name === path && ++asked > 1 });
    await t.rejects(run(t, [source], { out }), { code: 'RLY_AGENT_NO_SOURCE' });
    t.ok((await readdir(join(out, 'pattern'))).includes('tscptn.zip.part'));
    source.faults.clear();
    source.publish(catalogue.release(9));
    source.reset();
    await matchesRelease(t, await run(t, [source], { out }), catalogue.release(9));
    t.equal(source.requests.find((request) => request.path === path)?.range, null);
  });

  t.test('an address the relay never connects to is passed over', async (t) => {
    const source = await sourceFor(t);
    const report = await run(t, [], { sources: ['http://169.254.169.254/latest', source.componentsUrl] });
    t.match(report.attempts, [{ error: { code: 'RLY_UPSTREAM_ADDRESS' } }, { error: null }]);
  });
});

t.test('what no other source would mend ends the run at once', async (t) => {
  t.test('a folder that cannot be written to', async (t) => {
    const [source, next] = [await sourceFor(t), await sourceFor(t)];
    const out = t.testdir({ pattern: 'a file where a folder should be' });
    await t.rejects(run(t, [source, next], { out }), { code: 'RLY_AGENT_FOLDER', fault: 'storage' });
    t.strictSame(pathsAsked(next), []);
  });

  t.test('an abort', async (t) => {
    const [source, next] = [await sourceFor(t), await sourceFor(t)];
    const stop = new AbortController();
    const reason = new Error('enough');
    const onProgress = ({ done }: AgentProgress) => {
      if (done === 2) stop.abort(reason);
    };
    await t.rejects(run(t, [source, next], { signal: stop.signal, onProgress }), reason);
    t.strictSame(pathsAsked(next), []);
  });
});

t.test('credentials of a source are used and never shown', async (t) => {
  const source = await sourceFor(t);
  const told: string[] = [];
  const report = await run(t, [], {
    sources: [`${source.componentsUrl.replace('//', '//agent:secret@')}/`],
    onProgress: (progress) => told.push(progress.source),
  });
  t.match(source.requests[0]?.headers.authorization, /^Basic /);
  t.equal(report.source, source.componentsUrl);
  t.notMatch(JSON.stringify([report, told]), 'secret');
});
