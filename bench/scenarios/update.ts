import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCatalogue } from '../../src/lab/release.ts';
import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../test/support/free-port.ts';
import { curl } from '../contenders/curl.ts';
import { everythingFirst, relay } from '../contenders/relay.ts';
import { type Running, startContender } from '../contenders/start-contender.ts';
import { participantsOf, startOrigin } from '../lineup.ts';
import { cpuSeconds } from '../processes/process-tree.ts';
import { createRecorder } from '../recorder.ts';
import { relayAdmin } from '../relay-admin.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import { writeRelease } from '../site/write-site.ts';
import { curlList } from './curl-list.ts';

const FIRST = 'a first update';
const UNCHANGED = 'an update without change';

/** Updates without change in a row: the kernel counts CPU time in hundredths of a second. */
const UPDATES = 50;

/** A first update from loopback, beside curl with the same list; and then updates that find no change. */
export const update: Scenario = {
  name: 'update',
  async run(bench) {
    const { rounds, scale } = bench.short ? { rounds: 1, scale: 0.02 } : { rounds: 5, scale: 1 };
    const release = createCatalogue({ scale }).release(1);
    const site = await writeRelease(join(bench.folder, 'site'), release);
    // What the relay fetches: the index, components, and the signatures there are.
    const kinds = new Set(['index', 'pattern', 'incremental', 'engine', 'signature']);
    const paths = [...release.files.values()].filter(({ kind }) => kinds.has(kind)).map(({ path }) => path);
    const origin = startOrigin(bench);
    const address = `127.0.0.1:${await origin.call('start', { root: site.root, host: '127.0.0.1' })}`;
    const recorder = createRecorder();

    async function withCurl(round: number): Promise<void> {
      const { seconds, cpu } = await curlList(join(bench.folder, `curl-${round}`), address, site.root, paths);
      recorder.add({ case: FIRST, contender: 'curl --parallel' }, { seconds, cpuMs: cpu * 1000 });
    }

    async function withRelay(round: number): Promise<void> {
      const adminPort = await freePort();
      const settings = {
        adminPort,
        logLevel: 'info',
        mirror: { ...everythingFirst, items: { programs: false } },
      } as const;
      const folder = join(bench.folder, `relay-${round}`);
      const one = await startContender(relay(settings), {
        folder,
        port: await freePort(),
        origin: address,
        root: site.root,
      });
      try {
        const atStart = cpuSeconds(one.pid);
        const milliseconds = (await toldAt(one, 'update.published')) - (await toldAt(one, 'update.started'));
        const cpuMs = (cpuSeconds(one.pid) - atStart) * 1000;
        recorder.add({ case: FIRST, contender: 'relay' }, { seconds: milliseconds / 1000, cpuMs });
        await lookAgain(one, adminPort);
      } finally {
        await one.stop();
      }
    }

    async function lookAgain({ pid }: Running, adminPort: number): Promise<void> {
      const admin = relayAdmin(adminPort);
      await admin.ready();
      await origin.call('reset', { cutAt: null });
      const before = cpuSeconds(pid);
      for (let n = 0; n < UPDATES; n += 1) await admin.update();
      const cpuMs = ((cpuSeconds(pid) - before) * 1000) / UPDATES;
      const { requests } = await origin.call('counts', undefined);
      recorder.add({ case: UNCHANGED, contender: 'relay' }, { upstreamRequests: requests / UPDATES, cpuMs });
    }

    await inRounds(rounds, [withCurl, withRelay], async (measure, round) => {
      bench.say(`round ${round + 1}: ${measure === withCurl ? 'curl' : 'relay'}`);
      await measure(round);
    });

    const { median } = recorder;
    const times = median(FIRST, 'relay', 'seconds') / median(FIRST, 'curl --parallel', 'seconds');
    return {
      scenario: 'update',
      title: 'Updates',
      method: [
        `A first update from loopback: ${paths.length} files of a release of the real shape, ${(totalOf(release.files, paths) / 2 ** 20).toFixed(0)} MiB, with every hash, ZIP check and fsync, from \`update.started\` to \`update.published\` in the log. Beside it \`curl --parallel\` on the same core, which writes the same files and checks nothing. ${rounds} rounds.`,
        `Then ${UPDATES} updates in a row that find no change; CPU time includes that of asking for them.`,
      ],
      participants: participantsOf(bench, [relay({ adminPort: 0 }), curl]),
      series: recorder.series,
      goals: [
        { says: `${FIRST}: time, of curl’s`, value: times, atMost: 1.3 },
        { says: `${UNCHANGED}: requests`, value: median(UNCHANGED, 'relay', 'upstreamRequests'), atMost: 1 },
        { says: `${UNCHANGED}: CPU ms`, value: median(UNCHANGED, 'relay', 'cpuMs'), atMost: 50 },
      ],
    };
  },
};

/** Milliseconds a first update may take. */
const PATIENCE = 120_000;

/** When a relay first logged an event, ms of the clock. */
function toldAt({ output }: Running, event: string): Promise<number> {
  return eventually(
    `the relay logs ${event}`,
    () => {
      const line = readFileSync(output, 'utf8')
        .split('\n')
        .find((text) => text.includes(`"event":"${event}"`));
      return line !== undefined && Date.parse((JSON.parse(line) as { time: string }).time);
    },
    PATIENCE,
  );
}

function totalOf(files: ReadonlyMap<string, { readonly size: number }>, paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + (files.get(path)?.size ?? 0), 0);
}
