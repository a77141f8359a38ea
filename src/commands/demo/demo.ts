import { systemClock } from '../../ports/clock.ts';
import { formatBytes } from '../../terminal/bytes.ts';
import type { Io } from '../../terminal/io.ts';
import { createLive } from '../../terminal/live.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { demoLines, placesText, summaryText } from './demo-view.ts';
import { startDemoWorld, type DemoWorld } from './demo-world.ts';

/** Agents below the relay: three to look at closely, a dozen to see what a relay saves. */
const AGENTS_ONCE = 3;
const AGENTS = 12;

/** Milliseconds from one release to the next. */
const RELEASE_EVERY = 60_000;

/** Milliseconds from one run of an agent to its next; a real one takes an hour. */
const AGENT_EVERY = 8_000;

/** Milliseconds between two pictures. */
const FRAME = 200;

export const demo: Command = {
  name: 'demo',
  summary: 'everything on one machine: servers, relay, agents; a release a minute',
  help: `[--once]

Starts a synthetic OfficeScan server and ActiveUpdate server, a relay and a dozen agents, all on loopback and in
a temporary folder: some are new, some a release behind, some five. Every byte an agent gets is held against what
was released. Needs no configuration.

  --once   one release through three agents, a summary, and the end (exit code 1 if a byte is wrong)
`,
  options: { once: { type: 'boolean' } },

  async run({ values, io, signal }) {
    const once = values['once'] === true;
    const world = await startDemoWorld(once ? AGENTS_ONCE : AGENTS);
    try {
      return await (once ? runOnce(world, io, signal) : runOn(world, io, signal));
    } finally {
      await world.close();
    }
  },
};

async function runOnce(world: DemoWorld, io: Io, signal: AbortSignal): Promise<number> {
  io.stdout.write(`${placesText(world, io).join('\n')}\n\n`);
  await world.relay.mirror.update('administrator');
  await Promise.all(world.agents.map((agent) => agent.update(world.released, signal)));
  io.stdout.write(summaryText(world, io));
  return world.agents.every(({ view }) => view.state === 'updated') ? EXIT.done : EXIT.failed;
}

/** Goes on until the signal. On a terminal a live picture; in a pipe a line for each thing that happens. */
async function runOn(world: DemoWorld, io: Io, signal: AbortSignal): Promise<number> {
  let nextAt = Date.now() + RELEASE_EVERY;
  const tell = (line: string): void => void (io.isTerminal || io.stdout.write(`${line}\n`));
  tell(placesText(world, io).join('\n'));

  const mirror = async (): Promise<void> => {
    try {
      const outcome = await world.relay.mirror.update('schedule');
      if (outcome.result !== 'published') return;
      tell(`generation ${outcome.generation}: ${formatBytes(outcome.bytes)} fetched`);
    } catch {
      // The next release is another chance, as the next schedule is for a real relay.
      tell(`the relay could not update: ${world.relay.mirror.view().lastError}`);
    }
  };
  const first = mirror();
  const vendor = async (): Promise<void> => {
    await systemClock.sleep(RELEASE_EVERY, signal);
    await every(RELEASE_EVERY, signal, async () => {
      world.publishNext();
      nextAt = Date.now() + RELEASE_EVERY;
      tell(`release ${world.release().number} is out`);
      await mirror();
    });
  };
  const agents = world.agents.map(async (agent, at) => {
    await first;
    // Agents of a branch do not come in step.
    await systemClock.sleep((at * AGENT_EVERY) / world.agents.length, signal);
    await every(AGENT_EVERY, signal, async () => {
      const fetched = await agent.update(world.released, signal);
      signal.throwIfAborted();
      const { name, state, release, full, incremental, error } = agent.view;
      if (error !== null) tell(`${name}: ${state}: ${error}`);
      else if (fetched) tell(`${name}: release ${release}, ${full} full, ${incremental} incremental, byte for byte`);
    });
  });
  const picture = io.isTerminal ? draw(world, io, signal, () => nextAt) : Promise.resolve();
  await Promise.allSettled([vendor(), ...agents, picture]);
  return EXIT.done;
}

async function draw(world: DemoWorld, io: Io, signal: AbortSignal, nextAt: () => number): Promise<void> {
  using live = createLive(io);
  await every(FRAME, signal, async () => live.update(demoLines(world, io, Date.now(), nextAt())));
}

/** Does `work` and then waits, again and again; rejects when the signal aborts. */
async function every(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (;;) {
    await work();
    await systemClock.sleep(ms, signal);
  }
}
