import t from 'tap';
import { demoLines, summaryText } from '../../src/commands/demo/demo-view.ts';
import { startDemoWorld } from '../../src/commands/demo/demo-world.ts';
import { fakeIo } from '../support/fake-io.ts';

t.test('a branch through two releases: as its agents live them, and as the picture shows them', async (t) => {
  const world = await startDemoWorld(3);
  t.teardown(() => world.close());
  const never = new AbortController().signal;
  const io = fakeIo();
  const picture = () => demoLines(world, io, Date.now(), Date.now() + 30_000).join('\n');
  const updateAll = () => Promise.all(world.agents.map((agent) => agent.update(world.released, never)));

  t.match(picture(), /\n {2}release {14}6; the next one in 30 s\n/);
  t.match(picture(), /\n {4}agent-1 {2}127\.0\.0\.11 {3}new {9}release -, took 0 full, 0 incremental\n/);
  await world.relay.mirror.update('administrator');
  t.strictSame(await updateAll(), [true, true, true]);
  t.match(picture(), /\n {2}generation {11}1: \d+ objects, \d\.\d MiB, published just now\n/);
  t.match(picture(), /\n {4}agent-1 {2}127\.0\.0\.11 {3}updated {5}release 6, took 57 full, 0 incremental\n/);
  t.match(picture(), /▏ 3 of 3\n/);
  t.strictSame(await updateAll(), [false, false, false], 'there is nothing more to take');
  t.match(
    world.agents.map(({ view }) => view),
    [{ full: 57 }, { incremental: 6 }, { incremental: 7 }],
    'what the last update took stays',
  );

  world.publishNext();
  t.equal(world.release().number, 7);
  t.match(picture(), /▏ 0 of 3\n/, 'nobody has the new one');
  await world.relay.mirror.update('administrator');
  await updateAll();
  for (const { view } of world.agents) {
    t.match(view, { state: 'updated', release: 7, error: null });
    t.ok(view.incremental > 0, 'a release on, every agent takes incrementals');
  }
  t.match(summaryText(world, io), '\nRelease 7 is generation 2: ');
  t.ok(world.served() > 0);

  world.officeScan.faults.on({ kind: 'portal' });
  t.match(
    await world.relay.mirror.update('administrator'),
    { source: world.activeUpdate.url },
    'ActiveUpdate stands in',
  );
  world.activeUpdate.faults.on({ kind: 'portal' });
  await t.rejects(world.relay.mirror.update('administrator'));
  t.match(picture(), /\n {2}last error {11}RLY_UPDATE_NO_SOURCE: /);
});
