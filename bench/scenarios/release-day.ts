import { join } from 'node:path';
import { createCatalogue } from '../../src/lab/release.ts';
import { freePort } from '../../test/support/free-port.ts';
import type { Contender } from '../contenders/contender.ts';
import { nginxCache } from '../contenders/nginx.ts';
import { relay } from '../contenders/relay.ts';
import { startContender, whyNot } from '../contenders/start-contender.ts';
import { participantsOf, startGenerator, startOrigin } from '../lineup.ts';
import { createRecorder } from '../recorder.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { kernelShape, type KernelShape, type Shape, SHAPED_ADDRESS } from '../shaped-loopback.ts';
import { writeRelease } from '../site/write-site.ts';

/** A branch's line. */
const LINE: Shape = { rate: 20_000_000, delay: 80 };

const FULL = { rounds: 5, agents: 500, scale: 1, shape: 'full' } as const;
const SHORT = { rounds: 1, agents: 40, scale: 0.005, shape: 'small' } as const;

/** Milliseconds between two tries of an agent whose source has no release yet. */
const AGAIN = 1000;

/** Milliseconds after which agents give up: the line carries the release four times in it. */
const PATIENCE = 300_000;

const CASE = 'a release day';

/** A new branch: 500 agents, one release of the real shape, one thin line, and nothing there yet. */
export const releaseDay: Scenario = {
  name: 'release-day',
  shape: LINE,
  async run(bench) {
    const { rounds, agents, scale, shape } = bench.short ? SHORT : FULL;
    const site = await writeRelease(join(bench.folder, 'site'), createCatalogue({ scale, shape }).release(1));
    const kernel = kernelShape() ?? { rate: false, delay: false };
    const origin = startOrigin(bench);
    const host = kernel.rate ? SHAPED_ADDRESS : '127.0.0.1';
    const port = await origin.call('start', { root: site.root, host, ...whatIsLeft(kernel) });
    const generator = startGenerator(bench);
    const recorder = createRecorder();

    async function measure(contender: Contender, round: number): Promise<void> {
      await origin.call('reset', { cutAt: null });
      const folder = join(bench.folder, String(round));
      const one = await startContender(contender, {
        folder,
        port: await freePort(),
        origin: `${host}:${port}`,
        root: site.root,
      });
      try {
        const job = { port: one.port, root: site.root, agents, again: AGAIN, patience: PATIENCE };
        const day = await generator.call('branchDay', job);
        const { socketBytes } = await origin.call('counts', undefined);
        if (contender.role === 'relay' && day.current < agents) {
          throw new Error(`${agents - day.current} agents of the relay are not current; ${day.wrong} wrong objects`);
        }
        recorder.add(
          { case: CASE, contender: contender.name },
          {
            originRatio: socketBytes / day.uniqueBytes,
            medianAgent: day.medianAfter / 1000,
            lastAgent: day.lastAfter / 1000,
            unserved: agents - day.current,
            wrong: day.wrong,
            loadShare: day.cpuShare * 100,
          },
        );
      } finally {
        await one.stop();
      }
    }

    const mirror = { items: { programs: false }, serverSection: 'keep' };
    const contenders = [nginxCache, relay({ adminPort: await freePort(), mirror })];
    await inRounds(
      rounds,
      contenders.filter((one) => whyNot(one) === null),
      async (one, round) => {
        bench.say(`round ${round + 1}: ${one.name}`);
        await measure(one, round);
      },
    );
    return {
      scenario: 'release-day',
      title: 'A release day behind a thin line',
      method: [
        `${agents} agents are told to update at the same moment, in a branch where nothing is yet, behind ${LINE.rate / 1e6} Mbit/s and ${LINE.delay} ms. The release has the real shape; of each component some agents are one step behind, some two, and so on as far as incrementals reach, and one in 19 is new, so that every object is wanted by somebody. ${rounds} rounds, each with empty caches.`,
        `An agent fetches the index, then what it lacks with its signatures, one after the other over one connection, and compares every byte. Where it gets no answer or a part of one, it asks again after ${AGAIN / 1000} s, with a range where it has a part.`,
        'Bytes over the line are what the origin put into its sockets, heads included; unique bytes are those of all objects that some agent asked for.',
        lineText(kernel),
      ],
      participants: participantsOf(bench, contenders),
      series: recorder.series,
      goals: [
        {
          says: `${CASE}: bytes over the line ÷ unique bytes`,
          value: recorder.median(CASE, 'relay', 'originRatio'),
          atMost: 1.01,
        },
      ],
    };
  },
};

function whatIsLeft(kernel: KernelShape): { readonly bytesPerSecond?: number; readonly delay?: number } {
  return {
    ...(!kernel.rate && { bytesPerSecond: LINE.rate / 8 }),
    ...(!kernel.delay && { delay: LINE.delay }),
  };
}

function lineText({ rate, delay }: KernelShape): string {
  const by = (kernel: boolean): string => (kernel ? 'the kernel (a network namespace, tc)' : 'the origin itself');
  return `The rate was made by ${by(rate)}, the delay by ${by(delay)}.`;
}
