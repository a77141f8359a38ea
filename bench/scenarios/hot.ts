import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { checkServed } from '../check-served.ts';
import { bareNode } from '../contenders/bare-node.ts';
import { nginxCache, nginxStatic } from '../contenders/nginx.ts';
import { everythingFirst, relay } from '../contenders/relay.ts';
import { squid } from '../contenders/squid.ts';
import type { Running } from '../contenders/start-contender.ts';
import { trafficServer } from '../contenders/traffic-server.ts';
import { varnish } from '../contenders/varnish.ts';
import { startGenerator, startLineup } from '../lineup.ts';
import { wrk } from '../load/wrk.ts';
import { cpuSeconds } from '../processes/process-tree.ts';
import { createRecorder, type Recorder } from '../recorder.ts';
import { relayAdmin } from '../relay-admin.ts';
import type { Goal, Metric } from '../result.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { writeSite } from '../site/write-site.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Small ones are asked for by wrk, large ones by the bench's own load, which reads 256 KiB at a time where wrk reads 8. */
const CASES = [
  { name: '1 KiB, 64 connections', path: 'small.zip', size: KIB, connections: 64, by: 'wrk' },
  { name: '100 KiB, 64 connections', path: 'medium.zip', size: 100 * KIB, connections: 64, by: 'wrk' },
  { name: '64 MiB, 16 connections', path: 'large.zip', size: 64 * MIB, connections: 16, by: 'agents' },
  { name: '64 MiB, 64 connections', path: 'large.zip', size: 64 * MIB, connections: 64, by: 'agents' },
] as const;

const FULL = { rounds: 5, seconds: 4, largest: 64 * MIB } as const;
const SHORT = { rounds: 1, seconds: 1, largest: 2 * MIB } as const;

/** One object each of three sizes, which everybody has served before: keep-alive, as fast as it is answered. */
export const hot: Scenario = {
  name: 'hot',
  needs: { program: 'wrk', package: 'wrk' },
  async run(bench) {
    const { rounds, seconds, largest } = bench.short ? SHORT : FULL;
    // wrk takes whole seconds: in short, one case by each load will do.
    const cases = bench.short
      ? CASES.filter(({ size, connections }) => size !== 100 * KIB && connections !== 16)
      : CASES;
    const objects = new Map(
      CASES.map(({ path, size }) => [path, { path: `pattern/${path}`, size: Math.min(size, largest) }]),
    );
    const site = await writeSite(join(bench.folder, 'site'), [...objects.values()]);
    const adminPort = await freePort();
    const contenders = [
      nginxStatic,
      nginxCache,
      varnish,
      trafficServer,
      squid,
      bareNode,
      relay({ adminPort, mirror: everythingFirst }),
    ];
    const { running, participants } = await startLineup(bench, contenders, { root: site.root, host: '127.0.0.1' });
    const generator = startGenerator(bench);
    await relayAdmin(adminPort).ready();
    // Twice: some keep what is asked for again.
    for (const one of [...running, ...running]) await checkServed(one, site);

    const recorder = createRecorder();

    async function measure(of: (typeof CASES)[number], one: Running): Promise<Partial<Record<Metric, number>>> {
      const { path, size, connections, by } = of;
      if (by === 'wrk') {
        const url = `http://127.0.0.1:${one.port}/activeupdate/pattern/${path}`;
        const run = await wrk(url, connections, seconds, one.pid);
        if (run.failed > 0) throw new Error(`${one.contender.name} failed ${run.failed} of ${run.requests} requests`);
        return {
          rate: run.requests / run.seconds,
          throughput: (run.requests * size) / 1e9 / run.seconds,
          cpuPerRequest: (run.serverCpu * 1e6) / run.requests,
          cpuPerGb: run.serverCpu / ((run.requests * size) / 1e9),
          p50: run.p50,
          p99: run.p99,
          loadShare: run.loadShare * 100,
        };
      }
      const before = cpuSeconds(one.pid);
      const paths = [`/activeupdate/pattern/${path}`];
      const run = await generator.call('downloads', { port: one.port, root: site.root, paths, connections, seconds });
      const cpu = cpuSeconds(one.pid) - before;
      const { wrong, failed } = run;
      if (wrong + failed > 0) throw new Error(`${one.contender.name}: ${wrong} wrong, ${failed} failed`);
      return {
        throughput: run.bytes / 1e9 / run.seconds,
        cpuPerGb: cpu / (run.bytes / 1e9),
        loadShare: run.cpuShare * 100,
      };
    }

    for (const one of cases) {
      await inRounds(rounds, running, async (contender, round) => {
        const { name } = contender.contender;
        // Once unmeasured: some compile what they run, and some fill their memory.
        if (round === 0 && !bench.short) await measure(one, contender);
        bench.say(`${one.name}, round ${round + 1}: ${name}`);
        recorder.add({ case: one.name, contender: name }, await measure(one, contender));
      });
    }
    for (const one of running) await checkServed(one, site);

    return {
      scenario: 'hot',
      title: 'Hot: one object, over and over',
      method: [
        `Each contender has served the object before. The load asks for it over keep-alive connections, each as soon as it has the last answer, for ${seconds} s a round; ${rounds} rounds, and one before them that does not count.`,
        '1 KiB and 100 KiB by `wrk --threads 1`. 64 MiB by the bench’s own load: wrk reads 8 KiB at a time and would itself be the limit.',
        'Bare Node is `node:http` with one `end(buffer)` and nothing else, no gate, no table, no count: what a relay on Node cannot beat. What lies between the two is the relay’s own; what lies between it and nginx is Node’s.',
        'Every byte is compared before and after the rounds; during them, of 64 MiB that of every twentieth connection, and of the others status and length.',
      ],
      participants,
      series: recorder.series,
      goals: goals(recorder.median),
    };
  },
};

function goals(median: Recorder['median']): Goal[] {
  const [small, medium, sixteen, sixtyFour] = CASES.map(({ name }) => name);
  const ratio = (name = '', metric: Metric, other: string): number =>
    median(name, 'relay', metric) / median(name, other, metric);
  return [
    { says: `${small}: rate, of Varnish’s`, value: ratio(small, 'rate', 'Varnish'), atLeast: 1 },
    { says: `${small}: rate, of nginx’s with files`, value: ratio(small, 'rate', 'nginx static'), atLeast: 0.6 },
    { says: `${medium}: rate, of nginx’s with files`, value: ratio(medium, 'rate', 'nginx static'), atLeast: 0.9 },
    { says: `${sixteen}: CPU s/GB, of Varnish’s`, value: ratio(sixteen, 'cpuPerGb', 'Varnish'), atMost: 1 },
    { says: `${sixtyFour}: CPU s/GB, of Varnish’s`, value: ratio(sixtyFour, 'cpuPerGb', 'Varnish'), atMost: 1 },
  ];
}
