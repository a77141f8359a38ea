import { join } from 'node:path';
import { freePort } from '../test/support/free-port.ts';
import type { Contender } from './contenders/contender.ts';
import { type Running, startContender, versionOf, whyNot } from './contenders/start-contender.ts';
import type { GeneratorCalls } from './load/generator.ts';
import type { OriginCalls } from './origin/origin.ts';
import type { OriginOptions } from './origin/origin-server.ts';
import { startWorker, type Worker } from './processes/start-worker.ts';
import type { Participant } from './result.ts';
import type { Bench } from './scenario.ts';

export interface Lineup {
  readonly origin: Worker<OriginCalls>;
  readonly running: readonly Running[];
  readonly participants: readonly Participant[];
}

/** Starts an origin, and before it everybody who is installed here. Stopped when the scenario is over. */
export async function startLineup(
  bench: Bench,
  contenders: readonly Contender[],
  options: OriginOptions,
): Promise<Lineup> {
  const origin = startOrigin(bench);
  const source = `${options.host}:${await origin.call('start', options)}`;
  const starting: Promise<Running>[] = [];
  for (const contender of contenders.filter((one) => whyNot(one) === null)) {
    const where = { folder: bench.folder, port: await freePort(), origin: source, root: options.root };
    starting.push(startContender(contender, where));
  }
  // Those that did start are stopped also when one did not.
  bench.after(async () => {
    const all = await Promise.allSettled(starting);
    await Promise.all(all.map(async (one) => one.status === 'fulfilled' && one.value.stop()));
  });
  return { origin, running: await Promise.all(starting), participants: participantsOf(bench, contenders) };
}

/** Who takes part, and why who does not; tells the latter. */
export function participantsOf(
  bench: Bench,
  contenders: readonly Pick<Contender, 'name' | 'needs' | 'version'>[],
): Participant[] {
  return contenders.map((contender) => {
    const skipped = whyNot(contender);
    if (skipped !== null) bench.say(`${contender.name}: skipped, ${skipped}`);
    return { name: contender.name, version: skipped === null ? versionOf(contender) : '', skipped };
  });
}

/** An update source on the load's core. Stopped when the scenario is over. */
export function startOrigin(bench: Bench): Worker<OriginCalls> {
  return started(bench, 'origin/origin.ts');
}

/** Agents on the load's core. Stopped when the scenario is over. */
export function startGenerator(bench: Bench): Worker<GeneratorCalls> {
  return started(bench, 'load/generator.ts');
}

function started<C extends OriginCalls | GeneratorCalls>(bench: Bench, file: string): Worker<C> {
  const worker = startWorker<C>(join(import.meta.dirname, file), 'load');
  bench.after(worker.stop);
  return worker;
}
