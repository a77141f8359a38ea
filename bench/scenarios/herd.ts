import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../test/support/free-port.ts';
import { nginxCache } from '../contenders/nginx.ts';
import { nothingFirst, relay } from '../contenders/relay.ts';
import { squid } from '../contenders/squid.ts';
import type { Running } from '../contenders/start-contender.ts';
import { trafficServer } from '../contenders/traffic-server.ts';
import { varnish } from '../contenders/varnish.ts';
import { startGenerator, startLineup } from '../lineup.ts';
import { median } from '../load/percentile.ts';
import { createRecorder, type Recorder } from '../recorder.ts';
import { relayAdmin } from '../relay-admin.ts';
import type { Goal, Metric } from '../result.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { writeSite } from '../site/write-site.ts';

/** An object on demand, of a size that a full Virus Pattern has; and a line of 160 Mbit/s. */
const FULL = { rounds: 5, agents: 200, size: 50_000_000, bytesPerSecond: 20_000_000, checkEvery: 20 } as const;
const SHORT = { rounds: 1, agents: 20, size: 4_000_000, bytesPerSecond: 20_000_000, checkEvery: 1 } as const;

/** Milliseconds an agent gives it: its own time-out (docs/protocol.md §5), and what a resume takes. */
const PATIENCE = 150_000;

const FORMS = [
  { name: 'whole', ranges: false, cutAt: null },
  { name: 'random ranges', ranges: true, cutAt: null },
  { name: 'origin cut at 50 %', ranges: false, cutAt: 0.5 },
] as const;

/** Many agents at once ask for one object that nobody has yet. */
export const herd: Scenario = {
  name: 'herd',
  async run(bench) {
    const { rounds, agents, size, bytesPerSecond, checkEvery } = bench.short ? SHORT : FULL;
    // Another object for each round of each form: nobody has it.
    const name = (form: number, round: number): string => `pattern/herd${form}${round}.zip`;
    const objects = FORMS.flatMap((_, form) => Array.from({ length: rounds }, (__, round) => name(form, round)));
    const site = await writeSite(
      join(bench.folder, 'site'),
      objects.map((path) => ({ path, size })),
    );
    const adminPort = await freePort();
    const contenders = [nginxCache, varnish, trafficServer, squid, relay({ adminPort, mirror: nothingFirst })];
    const options = { root: site.root, host: '127.0.0.1', bytesPerSecond };
    const { origin, running, participants } = await startLineup(bench, contenders, options);
    const generator = startGenerator(bench);
    await relayAdmin(adminPort).ready();
    const recorder = createRecorder();

    async function measure(form: number, round: number, one: Running): Promise<void> {
      const { name: caseName, ranges: ranged, cutAt } = FORMS[form] ?? FORMS[0];
      const path = `/activeupdate/${name(form, round)}`;
      const ranges = Array.from({ length: agents }, (_, n) => (ranged ? rangeOf(n, round, size) : null));
      await origin.call('reset', { cutAt });
      const job = { port: one.port, root: site.root, path, ranges, checkEvery, patience: PATIENCE };
      const run = await generator.call('herd', job);
      // A fill may go on when its agents have what they wanted.
      await eventually('the origin is idle', async () => (await origin.call('counts', undefined)).open === 0, PATIENCE);
      const counts = await origin.call('counts', undefined);
      const began = counts.firstByteAt[name(form, round)] ?? run.beganAt;
      const served = run.agents.filter(({ whole }) => whole);
      const wrong = run.agents.filter((agent) => agent.wrong).length;
      if (one.contender.role === 'relay' && served.length < agents) {
        throw new Error(`the relay left ${agents - served.length} agents without it, ${wrong} with wrong bytes`);
      }
      recorder.add(
        { case: caseName, contender: one.contender.name },
        {
          originRatio: counts.bodyBytes / size,
          firstByte: (median(run.agents.map(({ firstByteAt, endedAt }) => firstByteAt ?? endedAt)) - began) / 1000,
          lastAgent: (Math.max(...run.agents.map(({ endedAt }) => endedAt)) - run.beganAt) / 1000,
          unserved: agents - served.length,
          wrong,
          loadShare: run.cpuShare * 100,
        },
      );
    }

    for (const [form, { name: caseName }] of FORMS.entries()) {
      await inRounds(rounds, running, async (one, round) => {
        bench.say(`${caseName}, round ${round + 1}: ${one.contender.name}`);
        await measure(form, round, one);
      });
    }

    return {
      scenario: 'herd',
      title: 'Herd: everybody at once asks for what nobody has',
      method: [
        `${agents} agents ask at the same moment for one object of ${size / 1e6} MB that is on nobody’s disk; the origin sends ${bytesPerSecond / 1e6} MB/s over all its connections. ${rounds} rounds, each with another object.`,
        'Agents do as agents do: where an answer is cut they resume by range, three tries in all. With random ranges each wants 1 to 10 MB from somewhere. Cut at 50 %: the origin closes its first answer half-way, and honours ranges with a strong ETag afterwards.',
        `All agents compare the length, every ${checkEvery}th every byte.`,
        `At best the last agent has it after ${size / bytesPerSecond} s. ${agents} agents then read ${((agents * bytesPerSecond) / 1e9).toFixed(1)} GB/s.`,
      ],
      participants,
      series: recorder.series,
      goals: goals(recorder.median, size / bytesPerSecond),
    };
  },
};

/** 1 to 10 MB from anywhere; another one for each agent and round, and the same in each run. */
function rangeOf(agent: number, round: number, size: number): readonly [number, number] {
  const random = (salt: number): number => {
    const wave = Math.sin((agent + 1) * 12.9898 + (round + 1) * 78.233 + salt) * 43_758.5453;
    return wave - Math.floor(wave);
  };
  const length = Math.min(size >> 1, 1_000_000 + Math.floor(random(1) * 9_000_000));
  const first = Math.floor(random(2) * (size - length));
  return [first, first + length - 1];
}

function goals(medianOf: Recorder['median'], best: number): Goal[] {
  const of = (name: string, metric: Metric): number => medianOf(name, 'relay', metric);
  return [
    ...FORMS.map(({ name }) => ({
      says: `${name}: origin bytes ÷ size`,
      value: of(name, 'originRatio'),
      atMost: 1,
    })),
    ...FORMS.map(({ name }) => ({
      says: `${name}: time of the last agent ÷ (size ÷ rate)`,
      value: of(name, 'lastAgent') / best,
      atMost: 1.05,
    })),
    // A range may begin at the end of the object: its first byte is no measure.
    ...FORMS.filter(({ ranges }) => !ranges).map(({ name }) => ({
      says: `${name}: median first byte, s after the origin’s`,
      value: of(name, 'firstByte'),
      atMost: 0.2,
    })),
  ];
}
