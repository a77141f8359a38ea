import t from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { ABSENT_PROGRAMS } from '../../src/lab/programs.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { generationDifferences, mirroredFiles } from '../support/release-truth.ts';
import { catalogue, mirrorBench } from '../support/mirror-bench.ts';
import { trimmedRelease } from '../support/trimmed-release.ts';

const first = catalogue.release(1);
const second = catalogue.release(2);

const asked = ({ requests }: LabServer) => requests.map(({ path }) => path);
const answers = ({ requests }: LabServer) => requests.map(({ path, status }) => `${status} ${path}`);
const sum = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0);

t.test('a first update', async (t) => {
  const { lab, store, mirror, events } = await mirrorBench(t);
  const outcome = await mirror.update('administrator');
  const files = mirroredFiles(first);

  t.test('publishes every object, every signature and the index, byte for byte', async (t) => {
    t.strictSame(await generationDifferences(first, store), []);
    t.match(outcome, {
      result: 'published',
      source: lab.componentsUrl,
      generation: 1,
      fetched: files.length,
      reused: 0,
      bytes: lab.bytesSent,
    });
  });

  t.test('says of each object what it is, where it came from and how it was proven', async (t) => {
    const { objects = [] } = store.generations.current() ?? {};
    const of = (path: string) => objects.find((object) => object.path === path);
    const from = { source: lab.componentsUrl, fetchedAt: /^\d{4}-\d\d-\d\dT/ };
    t.match(of('pattern/vsapi985.zip'), {
      kind: 'pattern',
      component: 'P.4',
      version: '1998500',
      proof: 'structure',
      ...from,
    });
    t.match(of('pattern/v_983.985'), { kind: 'incremental', component: 'P.4', version: '1998300', ...from });
    t.match(of('pattern/v_983.sig'), { kind: 'signature', component: 'P.4', version: null, proof: 'size', ...from });
    t.match(of('product/gateway.tar.gz'), { kind: 'program', version: null, proof: 'size', ...from });
    t.equal(events.of('object.fetched').length, files.length);
  });

  t.test('asks for the index first and once more last, and for each object once', async (t) => {
    const [index, ...objects] = asked(lab);
    t.equal(index, 'server.ini');
    t.equal(objects.pop(), 'server.ini');
    t.equal(lab.requests.at(-1)?.status, 304);
    t.equal(new Set(objects).size, objects.length);
  });

  t.test('leaves nothing half done: no staging, no promise in the books', async (t) => {
    t.strictSame(store.staging.list(), []);
    t.equal(store.usage().reserved, 0);
  });

  t.test('lets packages that the source has not be absent, and signatures it has not be none', async (t) => {
    t.strictSame(new Set(store.generations.current()?.absent), new Set(ABSENT_PROGRAMS));
    t.strictSame(new Set(events.of('object.absent').map(({ path }) => path)), new Set(ABSENT_PROGRAMS));
    t.ok(answers(lab).includes('404 pattern/boot_bl32_35.sig'));
  });

  t.test('is told as one', async (t) => {
    t.match(events.of('update.started'), [{ source: lab.componentsUrl, trigger: 'administrator' }]);
    t.match(events.of('update.published'), [{ generation: 1, objects: files.length, bytes: lab.bytesSent }]);
    t.strictSame(events.of('update.failed'), []);
  });
});

t.test('a second update without a change', async (t) => {
  t.test('is one conditional request, answered 304', async (t) => {
    const { lab, store, mirror, events } = await mirrorBench(t);
    await mirror.update('administrator');
    lab.reset();
    const outcome = await mirror.update('administrator');
    t.strictSame(outcome, { result: 'unchanged', source: lab.componentsUrl, generation: 1 });
    t.strictSame(answers(lab), ['304 server.ini']);
    t.equal(store.generations.list().length, 1);
    t.strictSame(events.of('update.unchanged'), [{ source: lab.componentsUrl }]);
  });

  t.test('is one request also where the source gives no validators, and the same bytes are no release', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t);
    lab.faults.on({ kind: 'noValidators' });
    await mirror.update('administrator');
    lab.reset();
    t.match(await mirror.update('administrator'), { result: 'unchanged', generation: 1 });
    t.strictSame(answers(lab), ['200 server.ini']);
    t.equal(store.generations.list().length, 1);
  });

  t.test('is conditional also when the index names no program packages', async (t) => {
    const bare = trimmedRelease(first);
    const { lab, store, mirror } = await mirrorBench(t, { release: bare });
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(bare, store, undefined, { programs: false }), []);
    lab.reset();
    t.match(await mirror.update('administrator'), { result: 'unchanged' });
    t.strictSame(answers(lab), ['304 server.ini']);
  });

  t.test('is not conditional on what another source once said', async (t) => {
    const path = temporaryFolder(t);
    await t.test('a generation from one server', async (t) => {
      const { mirror } = await mirrorBench(t, { path });
      await mirror.update('administrator');
    });
    const { lab, mirror } = await mirrorBench(t, { path });
    t.match(await mirror.update('administrator'), { result: 'unchanged', source: lab.componentsUrl });
    t.strictSame(answers(lab), ['200 server.ini']);
  });
});

t.test('the next release', async (t) => {
  const { lab, store, mirror } = await mirrorBench(t);
  await mirror.update('administrator');
  const before = store.generations.current();
  lab.reset();
  lab.publish(second);
  const outcome = await mirror.update('administrator');
  const old = new Set(first.files.values().map(({ etag }) => etag));
  const fresh = mirroredFiles(second).filter(({ kind, etag }) => kind === 'signature' || !old.has(etag));

  t.test('is published beside the one before, both whole', async (t) => {
    t.equal(store.generations.current()?.number, 2);
    t.strictSame(await generationDifferences(second, store), []);
    t.strictSame(await generationDifferences(first, store, before), []);
  });

  t.test('costs what is new in it, and no byte more', async (t) => {
    const paths = fresh.map(({ path }) => path);
    const fetched = lab.requests.filter(({ status, path }) => status === 200 && path !== 'server.ini');
    t.strictSame(fetched.map(({ path }) => path).sort(), paths.sort());
    t.ok(fetched.length < mirroredFiles(second).length);
    const bytes = second.index.length + sum(fresh.map(({ size }) => size));
    t.equal(lab.bytesSent, bytes);
    t.match(outcome, { fetched: fresh.length, reused: mirroredFiles(second).length - fresh.length, bytes });
  });

  t.test('brings every signature afresh, as their names recur with other content', async (t) => {
    const signatures = mirroredFiles(second).filter(({ kind }) => kind === 'signature');
    for (const { path } of signatures) t.ok(asked(lab).includes(path), path);
    const recurring = signatures.filter(({ path }) => first.files.has(path));
    const changed = recurring.filter(({ path, etag }) => first.files.get(path)?.etag !== etag);
    t.ok(changed.length > 0, 'there are such names');
  });
});

t.test('program packages', async (t) => {
  t.test('are not asked for when they are not wanted', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t, { programs: false });
    await mirror.update('administrator');
    t.strictSame(await generationDifferences(first, store, undefined, { programs: false }), []);
    t.strictSame(
      asked(lab).filter((path) => /^product\//i.test(path)),
      [],
    );
    t.strictSame(store.generations.current()?.absent, []);
  });

  t.test('come with the same index once they are wanted, and nothing else is fetched twice', async (t) => {
    const path = temporaryFolder(t);
    await t.test('at first without', async (t) => {
      const { mirror } = await mirrorBench(t, { path, programs: false });
      await mirror.update('administrator');
    });
    const { lab, store, mirror } = await mirrorBench(t, { path });
    t.match(await mirror.update('administrator'), { result: 'published', generation: 2 });
    t.strictSame(await generationDifferences(first, store), []);
    const objects = asked(lab).filter((path) => path !== 'server.ini' && !path.endsWith('.sig'));
    t.ok(objects.every((path) => /^product\//i.test(path)));
    lab.reset();
    t.match(await mirror.update('administrator'), { result: 'unchanged' });
    t.strictSame(answers(lab), ['304 server.ini']);
  });

  for (const [what, fault] of [
    ['of another size than listed', { kind: 'wrongSize', by: 7 }],
    ['that are damaged', { kind: 'wrongBytes' }],
    ['that turned into a web page', { kind: 'portal' }],
    ['that are gone', { kind: 'status', status: 410 }],
  ] as const) {
    t.test(`${what} are absent, and hold back no pattern`, async (t) => {
      const { lab, store, mirror } = await mirrorBench(t);
      lab.faults.on({ ...fault, match: 'product/guard_patch.zip' });
      t.match(await mirror.update('administrator'), { result: 'published' });
      t.strictSame(await generationDifferences(first, store), ['product/guard_patch.zip']);
      t.strictSame(
        new Set(store.generations.current()?.absent),
        new Set([...ABSENT_PROGRAMS, 'product/guard_patch.zip']),
      );
    });
  }

  t.test('that a source in trouble cannot give now are no reason to publish without them', async (t) => {
    const { lab, store, mirror } = await mirrorBench(t);
    lab.faults.on({ kind: 'status', status: 500, match: 'product/guard_patch.zip' });
    await t.rejects(mirror.update('administrator'), { code: 'RLY_UPDATE_NO_SOURCE' });
    t.equal(store.generations.current(), undefined);
  });
});

t.test('a login page in place of a signature is not published as one', async (t) => {
  const { lab, store, mirror } = await mirrorBench(t);
  const path = 'pattern/vsapi985.sig';
  lab.faults.on({ kind: 'portal', match: path });
  await t.rejects(mirror.update('administrator'), {
    code: 'RLY_UPDATE_NO_SOURCE',
    cause: { errors: [{ code: 'RLY_ARCHIVE_DAMAGED', fields: { path, reason: /web page/ } }] },
  });
  t.equal(store.generations.current(), undefined);
});
