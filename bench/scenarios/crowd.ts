import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../test/support/free-port.ts';
import { checkServed } from '../check-served.ts';
import { nginxCache, nginxStatic } from '../contenders/nginx.ts';
import { everythingFirst, relay } from '../contenders/relay.ts';
import { squid } from '../contenders/squid.ts';
import type { Running } from '../contenders/start-contender.ts';
import { trafficServer } from '../contenders/traffic-server.ts';
import { varnish } from '../contenders/varnish.ts';
import { startGenerator, startLineup } from '../lineup.ts';
import { wrk } from '../load/wrk.ts';
import { residentBytes } from '../processes/process-tree.ts';
import { createRecorder } from '../recorder.ts';
import { relayAdmin } from '../relay-admin.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { writeSite } from '../site/write-site.ts';

const SMALL = 'pattern/small.zip';
const LARGE = 'pattern/large.zip';

/** Within `seconds` no idle connection may reach the relay's 15 s; opening them takes some more. */
const FULL = { rounds: 5, agents: 1000, idle: 10_000, downloads: 500, seconds: 6, large: 64 * 2 ** 20 } as const;
const SHORT = { rounds: 1, agents: 50, idle: 200, downloads: 20, seconds: 1, large: 2 ** 20 } as const;

/** Small requests a second while downloads go on. */
const PROBES = 200;

/** Many connections: what they cost in memory, and what a small request among them has to wait. */
export const crowd: Scenario = {
  name: 'crowd',
  needs: { program: 'wrk', package: 'wrk' },
  async run(bench) {
    const { rounds, agents, idle, downloads, seconds, large } = bench.short ? SHORT : FULL;
    const site = await writeSite(join(bench.folder, 'site'), [
      { path: SMALL, size: 1024 },
      { path: LARGE, size: large },
    ]);
    const [small = '', big = ''] = site.paths;
    const adminPort = await freePort();
    const contenders = [
      nginxStatic,
      nginxCache,
      varnish,
      trafficServer,
      squid,
      relay({ adminPort, mirror: everythingFirst }),
    ];
    const { running, participants } = await startLineup(bench, contenders, { root: site.root, host: '127.0.0.1' });
    // Small requests come from another process than downloads: what they wait for must not be the load's own work.
    const [waiting, loading] = [startGenerator(bench), startGenerator(bench)];
    await relayAdmin(adminPort).ready();
    for (const one of running) await checkServed(one, site);

    const recorder = createRecorder();
    const manyAgents = `${agents.toLocaleString('en')} agents ask for 1 KiB`;
    const burst = `${idle.toLocaleString('en')} idle connections and ${downloads} downloads`;

    async function smallOnly({ contender, port, pid }: Running): Promise<void> {
      const run = await wrk(`http://127.0.0.1:${port}${small}`, agents, seconds, pid);
      recorder.add(
        { case: manyAgents, contender: contender.name },
        { rate: run.requests / run.seconds, p50: run.p50, p99: run.p99, loadShare: run.loadShare * 100 },
      );
    }

    async function amongDownloads({ contender, port, pid }: Running): Promise<void> {
      const job = { port, root: site.root, paths: [big], connections: downloads, seconds: seconds + 1 };
      await waiting.call('hold', { port, path: small, count: idle });
      const loaded = loading.call('downloads', job);
      await pause(500); // all of them are under way
      const probed = waiting.call('probe', { port, path: small, perSecond: PROBES, seconds });
      await pause(seconds * 500);
      const resident = residentBytes(pid) / 1e6;
      const [{ bytes, seconds: elapsed, wrong }, { p50, p99, failed }] = await Promise.all([loaded, probed]);
      const kept = await waiting.call('release', undefined);
      if (contender.role === 'relay' && wrong + failed > 0)
        throw new Error(`the relay: ${wrong} wrong, ${failed} failed`);
      recorder.add(
        { case: burst, contender: contender.name },
        { resident, kept, p50, p99, throughput: bytes / 1e9 / elapsed },
      );
    }

    for (const measure of [smallOnly, amongDownloads]) {
      await inRounds(rounds, running, async (one, round) => {
        bench.say(`${measure === smallOnly ? manyAgents : burst}, round ${round + 1}: ${one.contender.name}`);
        await measure(one);
      });
    }
    for (const one of running) await checkServed(one, site);

    const { median } = recorder;
    return {
      scenario: 'crowd',
      title: 'A crowd: many connections at once',
      method: [
        `${manyAgents}, each as soon as it has the last answer: ${seconds} s of \`wrk --threads 1\`. ${rounds} rounds.`,
        `${burst}: the idle ones have made one request each. While ${downloads} connections download an object of ${large / 2 ** 20} MiB over and over, another process makes ${PROBES} small requests a second. Both share the load’s core, so that waiting for it is part of the latency.`,
        'Memory is what is resident of all processes of a server together; it holds what they keep of objects, too.',
      ],
      participants,
      series: recorder.series,
      goals: [
        { says: `${manyAgents}: p99, ms`, value: median(manyAgents, 'relay', 'p99'), atMost: 50 },
        { says: `${burst}: p99 of a small request, ms`, value: median(burst, 'relay', 'p99'), atMost: 200 },
        {
          says: `${burst}: resident MB, beside the ${large / 2 ** 20} MiB of the object`,
          value: median(burst, 'relay', 'resident') - large / 1e6,
          atMost: 300,
        },
      ],
    };
  },
};
