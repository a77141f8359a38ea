import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRelay, type Relay } from '../../app.ts';
import { loadConfig } from '../../config/load.ts';
import { createLabServer, type LabServer } from '../../lab/lab-server.ts';
import { createCatalogue, type Release } from '../../lab/release.ts';
import type { EventListener } from '../../telemetry/events.ts';
import { createDemoAgent, type DemoAgent } from './demo-agent.ts';

/** A branch office on one machine: the vendor, the OfficeScan server, the relay, and agents below it. */
export interface DemoWorld {
  readonly officeScan: LabServer;
  readonly activeUpdate: LabServer;
  readonly relay: Relay;
  /** What the agents have in their source lists. */
  readonly source: string;
  readonly agents: readonly DemoAgent[];
  /** The release the servers have now. */
  readonly release: () => Release;
  /** All that were published so far, the newest last. */
  readonly released: readonly Release[];
  /** Body bytes the relay has sent to agents. */
  readonly served: () => number;
  /** The servers have the next release from now on. */
  publishNext(): void;
  close(): Promise<void>;
}

/** The first release of a demo: late enough for an agent to be some releases behind. */
const FIRST_RELEASE = 6;

/** Of the sizes of a real release of some 158 MiB: 1.6 MiB are mirrored in a second on any machine. */
const SCALE = 0.01;

/** Which release an agent comes with, in turn: none, the one before, five before. */
const HELD = [null, FIRST_RELEASE - 1, FIRST_RELEASE - 5] as const;

/** Linux has all of 127.0.0.0/8 on loopback; elsewhere the agents share an address, as behind a NAT. */
const addressOf = (agent: number): string => (process.platform === 'linux' ? `127.0.0.${11 + agent}` : '127.0.0.1');

/** Starts everything on loopback, on ports that are free, in a folder of its own that `close` deletes. */
export async function startDemoWorld(agentCount: number): Promise<DemoWorld> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'relay-demo-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const activeUpdate = await createLabServer({ kind: 'activeUpdate' });
  started.defer(() => activeUpdate.close());
  const catalogue = createCatalogue({ seed: 'demo', scale: SCALE, activeUpdateUrl: activeUpdate.url });
  let release = catalogue.release(FIRST_RELEASE);
  const released = [release];
  activeUpdate.publish(release);
  const officeScan = await createLabServer({ kind: 'officeScanServer', release });
  started.defer(() => officeScan.close());

  const { config } = await loadConfig({
    cwd: folder,
    env: {
      RELAY_SOURCES__OFFICE_SCAN_SERVER: officeScan.url,
      RELAY_SOURCES__ACTIVE_UPDATE: activeUpdate.url,
      RELAY_SOURCES__AGENTS_DOWNLOAD_FROM_ACTIVE_UPDATE: 'true',
      RELAY_STORAGE__PATH: join(folder, 'store'),
      RELAY_STORAGE__MIN_FREE: '16MiB',
      RELAY_AGENTS__HOST: '127.0.0.1',
      RELAY_AGENTS__PORT: '0',
      // Elsewhere than on Linux, all agents share one.
      RELAY_AGENTS__LIMITS__CONNECTIONS_PER_ADDRESS: '1000',
      RELAY_AGENTS__LIMITS__DOWNLOADS_PER_ADDRESS: '1000',
      RELAY_ADMIN__PORT: '0',
    },
  });
  let served = 0;
  const counter: EventListener = (name, fields) => {
    if (name === 'agent.answered') served += Number((fields as Record<string, unknown>)['bytes']);
  };
  const relay = await startRelay(config, { listeners: [counter] });
  started.defer(() => relay.close('the demo ends'));
  const source = `${relay.agentsUrl}/activeupdate`;
  const agents = Array.from({ length: agentCount }, (_, at) => {
    const held = HELD[at % HELD.length] ?? null;
    const have = held === null ? new Map<string, string>() : catalogue.release(held).versions;
    const agent = createDemoAgent({ name: `agent-${at + 1}`, address: addressOf(at), source, have });
    started.defer(() => agent.close());
    return agent;
  });
  const world = started.move();

  return {
    officeScan,
    activeUpdate,
    relay,
    source,
    agents,
    release: () => release,
    released,
    served: () => served,
    publishNext() {
      release = catalogue.release(release.number + 1);
      released.push(release);
      activeUpdate.publish(release);
      officeScan.publish(release);
    },
    close: () => world.disposeAsync(),
  };
}
