import t, { type Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue, type LabFile, type Release } from '../../src/lab/release.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import { branchAgent, type BranchAgent } from '../support/branch-agent.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from '../support/relay-for.ts';
import { mirroredFiles } from '../support/release-truth.ts';
import { steppedClock, type SteppedClock } from '../support/stepped-clock.ts';

const PIN = 30 * 60_000;

const catalogue = createCatalogue({ shape: 'small' });
const [first, second, third, fourth] = [1, 2, 3, 4].map((number) => catalogue.release(number)) as [
  Release,
  Release,
  Release,
  Release,
];

interface Branch {
  readonly lab: LabServer;
  readonly relay: TestRelay;
  readonly clock: SteppedClock;
  /** The relay has this release from now on. */
  publish(release: Release): Promise<void>;
  /** Ends the relay and starts another one on the same store. */
  restart(): Promise<TestRelay>;
}

/** A relay that has the first release, and keeps no generation but the current one and those that agents work from. */
async function branch(t: Test): Promise<Branch> {
  const clock = steppedClock();
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: first });
  const env = { ...(await relayEnv(t, lab.url)), RELAY_STORAGE__KEEP_GENERATIONS: '1' };
  let relay = await relayFor(t, env, { clock });
  await relay.mirror.update('administrator');
  return {
    lab,
    clock,
    get relay() {
      return relay;
    },
    async publish(release) {
      lab.publish(release);
      const { result } = await relay.mirror.update('administrator');
      if (result !== 'published') throw new Error(`release ${release.number} was not published: ${result}`);
    },
    async restart() {
      await relay.close('the test restarts it');
      relay = await relayFor(t, env, { clock });
      return relay;
    },
  };
}

const servedIndex = ({ index }: Release) => withServerSection(index, 'comment');

/** The release whose index an agent gets now; 0 when it is none of them. */
async function readsIndex(agent: BranchAgent): Promise<number> {
  const index = await agent.read('server.ini');
  const releases = [first, second, third, fourth];
  return releases.find((release) => index?.equals(servedIndex(release)))?.number ?? 0;
}

/** Those of `files` that an agent does not get as they are in their release. */
async function wrong(agent: BranchAgent, files: readonly LabFile[]): Promise<string[]> {
  const paths: string[] = [];
  for (const file of files) {
    const bytes = await agent.read(file.path);
    if (!bytes?.equals(await file.read())) paths.push(file.path);
  }
  return paths;
}

/** Files whose names both have, with other content. */
function recurring(one: Release, other: Release): LabFile[] {
  return mirroredFiles(one).filter(({ path, etag }) => {
    const there = other.files.get(path);
    return there !== undefined && there.etag !== etag;
  });
}

/** One of three parts of a release's files; each has some of every kind. */
const part = (release: Release, rest: 0 | 1 | 2) => mirroredFiles(release).filter((_, at) => at % 3 === rest);

t.test('the releases of these tests have names in common whose content differs', async (t) => {
  for (const [one, other] of [
    [first, second],
    [second, third],
    [first, third],
  ] as const) {
    const names = recurring(one, other);
    t.ok(names.some(({ kind }) => kind === 'signature'));
  }
  t.ok(
    recurring(first, second).some(({ kind }) => kind === 'pattern'),
    'also of a pattern with a fixed name',
  );
});

for (const connection of ['kept', 'fresh'] as const) {
  t.test(`agents that step through releases, each over ${connection} connections`, async (t) => {
    const { relay, publish } = await branch(t);
    const [early, middle, late] = ['127.0.0.31', '127.0.0.32', '127.0.0.33'].map((address) =>
      branchAgent(t, relay.agentsUrl, address, connection),
    ) as [BranchAgent, BranchAgent, BranchAgent];
    const found: string[] = [];
    const take = async (agent: BranchAgent, release: Release, rest: 0 | 1 | 2) =>
      found.push(...(await wrong(agent, part(release, rest))));

    t.equal(await readsIndex(early), 1);
    await take(early, first, 0);
    await publish(second);
    t.equal(await readsIndex(middle), 2);
    await take(early, first, 1);
    await take(middle, second, 0);
    await publish(third);
    t.equal(await readsIndex(late), 3);
    await take(late, third, 0);
    await take(middle, second, 1);
    await take(early, first, 2);
    await take(late, third, 1);
    await take(middle, second, 2);
    await take(late, third, 2);
    t.strictSame(found, [], 'each has the files of the moment of its index');

    t.equal(await readsIndex(early), 3, 'reading the index again moves an agent on');
    t.strictSame(await wrong(early, mirroredFiles(third)), []);
    t.strictSame(await wrong(middle, mirroredFiles(second)), [], 'and nobody else');
  });
}

t.test('an agent that read no index gets the current generation', async (t) => {
  const { relay, publish, clock } = await branch(t);
  clock.advance(PIN);
  await publish(second);
  const stranger = branchAgent(t, relay.agentsUrl, '127.0.0.34');
  t.strictSame(await wrong(stranger, mirroredFiles(second)), []);
});

t.test('agents behind one address', async (t) => {
  const NAT = '127.0.0.35';

  t.test('keep apart by their connections', async (t) => {
    const { relay, publish } = await branch(t);
    const [one, other] = [branchAgent(t, relay.agentsUrl, NAT), branchAgent(t, relay.agentsUrl, NAT)];
    t.equal(await readsIndex(one), 1);
    await publish(second);
    t.equal(await readsIndex(other), 2);
    t.strictSame(await wrong(one, mirroredFiles(first)), []);
    t.strictSame(await wrong(other, mirroredFiles(second)), []);
    t.strictSame(await wrong(one, mirroredFiles(first)), []);
  });

  t.test('on a new connection for each request still find what only their own generation has', async (t) => {
    const { relay, publish } = await branch(t);
    const one = branchAgent(t, relay.agentsUrl, NAT, 'fresh');
    const other = branchAgent(t, relay.agentsUrl, NAT, 'fresh');
    t.equal(await readsIndex(one), 1);
    await publish(second);
    t.equal(await readsIndex(other), 2);
    const own = mirroredFiles(first).filter(({ path }) => !second.files.has(path));
    t.ok(own.length > 0);
    t.strictSame(await wrong(one, own), []);
    t.strictSame(await wrong(other, mirroredFiles(second)), []);
    const clashes = recurring(second, first);
    t.strictSame(await wrong(one, clashes), [], 'a name both have is of the index read last from the address');
  });
});

t.test('a restart of the relay', async (t) => {
  t.test('leaves an agent with the generation whose index it had read', async (t) => {
    const { relay, publish, restart } = await branch(t);
    const before = branchAgent(t, relay.agentsUrl, '127.0.0.36');
    t.equal(await readsIndex(before), 1);
    t.strictSame(await wrong(before, part(first, 0)), []);

    const { agentsUrl } = await restart();
    const agent = branchAgent(t, agentsUrl, '127.0.0.36');
    t.strictSame(await wrong(agent, part(first, 1)), []);
    await publish(second);
    await publish(third);
    const neighbour = branchAgent(t, agentsUrl, '127.0.0.37');
    t.equal(await readsIndex(neighbour), 3);
    t.strictSame(await wrong(agent, mirroredFiles(first)), []);
    t.strictSame(await wrong(neighbour, mirroredFiles(third)), []);
    t.equal(await readsIndex(agent), 3);
    t.strictSame(await wrong(agent, mirroredFiles(third)), []);
  });

  t.test('for half an hour, and not for ever', async (t) => {
    const { publish, restart, clock } = await branch(t);
    const { agentsUrl } = await restart();
    const agent = branchAgent(t, agentsUrl, '127.0.0.38');
    await publish(second);
    clock.advance(PIN - 60_000);
    t.strictSame(await wrong(agent, recurring(first, second)), []);
    clock.advance(60_000);
    t.strictSame(await wrong(agent, mirroredFiles(second)), []);
  });
});

t.test('a generation that would be retired', async (t) => {
  const { relay, publish, clock } = await branch(t);
  const { store } = relay;
  const numbers = () => store.generations.list().map(({ number }) => number);
  const agent = branchAgent(t, relay.agentsUrl, '127.0.0.39');
  clock.advance(PIN);
  t.equal(await readsIndex(agent), 1);

  t.test('stays whole as long as an agent works from it', async (t) => {
    await publish(second);
    t.strictSame(numbers(), [2, 1]);
    clock.advance(PIN - 60_000);
    await publish(third);
    t.strictSame(numbers(), [3, 1], 'nobody works from the second');
    t.strictSame(await wrong(agent, mirroredFiles(first)), []);
  });

  t.test('goes when nobody does any more, and its files with it', async (t) => {
    const held = store.usage().bytes;
    clock.advance(PIN);
    await publish(fourth);
    t.strictSame(numbers(), [4]);
    t.ok(store.usage().bytes < held);
    const gone = mirroredFiles(first).find(({ path }) => !fourth.files.has(path));
    const answer = await agent.ask(gone?.path ?? '');
    t.equal(answer.status, 404);
    t.match(JSON.parse(answer.body.toString()), { error: 'RLY_NOT_LISTED' });
    t.strictSame(await wrong(agent, mirroredFiles(fourth)), []);
  });
});
