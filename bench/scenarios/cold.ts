import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { checkServed } from '../check-served.ts';
import { nginxStatic } from '../contenders/nginx.ts';
import { everythingFirst, relay } from '../contenders/relay.ts';
import { startGenerator, startLineup } from '../lineup.ts';
import { cpuSeconds } from '../processes/process-tree.ts';
import { createRecorder } from '../recorder.ts';
import { relayAdmin } from '../relay-admin.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { writeSite } from '../site/write-site.ts';

const MIB = 2 ** 20;

/** All of it in the page cache. The relay is given the least memory it takes, 16 MiB: too little for one of them. */
const FULL = { rounds: 5, seconds: 4, objects: 8, size: 64 * MIB } as const;
const SHORT = { rounds: 1, seconds: 1, objects: 2, size: 2 * MIB } as const;

const CONNECTIONS = 16;

/** Large objects that the relay has on disk and does not keep in memory. */
export const cold: Scenario = {
  name: 'cold',
  async run(bench) {
    const { rounds, seconds, objects, size } = bench.short ? SHORT : FULL;
    const site = await writeSite(
      join(bench.folder, 'site'),
      Array.from({ length: objects }, (_, n) => ({ path: `pattern/cold${n}.zip`, size })),
    );
    const adminPort = await freePort();
    const contenders = [nginxStatic, relay({ adminPort, memory: '16MiB', mirror: everythingFirst })];
    const { running, participants } = await startLineup(bench, contenders, { root: site.root, host: '127.0.0.1' });
    const generator = startGenerator(bench);
    await relayAdmin(adminPort).ready();
    // Their hashes are checked at the first use, and they are in the page cache afterwards.
    for (const one of running) await checkServed(one, site);
    const recorder = createRecorder();
    const name = `${objects} objects of ${size / MIB} MiB in turn, ${CONNECTIONS} connections`;

    await inRounds(rounds, running, async ({ contender, port, pid }, round) => {
      bench.say(`round ${round + 1}: ${contender.name}`);
      const before = cpuSeconds(pid);
      const job = { port, root: site.root, paths: site.paths, connections: CONNECTIONS, seconds };
      const run = await generator.call('downloads', job);
      const cpu = cpuSeconds(pid) - before;
      if (run.wrong + run.failed > 0) throw new Error(`${contender.name}: ${run.wrong} wrong, ${run.failed} failed`);
      recorder.add(
        { case: name, contender: contender.name },
        {
          throughput: run.bytes / 1e9 / run.seconds,
          cpuPerGb: cpu / (run.bytes / 1e9),
          loadShare: run.cpuShare * 100,
        },
      );
    });

    return {
      scenario: 'cold',
      title: 'Cold: large objects from the page cache',
      method: [
        `${CONNECTIONS} connections download ${objects} objects of ${size / MIB} MiB in turn, ${seconds} s a round, ${rounds} rounds. The relay has 16 MiB of memory for objects, so that each byte is read from its file.`,
      ],
      participants,
      series: recorder.series,
      goals: [{ says: '64 MiB, cold: CPU s/GB', value: recorder.median(name, 'relay', 'cpuPerGb'), atMost: 0.45 }],
    };
  },
};
