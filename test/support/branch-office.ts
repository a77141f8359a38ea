import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { type CatalogueOptions, createCatalogue, type LabFile, type Release } from '../../src/lab/release.ts';
import type { Status } from '../../src/telemetry/status.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { type AgentsView, agentsView } from './agents-view.ts';
import { eventually } from './eventually.ts';
import { labServerFor } from './lab-server-for.ts';
import { relayProcess, relaySettings, type RelayProcess } from './relay-process.ts';

/** A lab server, the folder of a store, and relays as processes in between, one after another. */
export interface BranchOffice {
  readonly lab: LabServer;
  readonly store: string;
  /** What the lab has now. */
  readonly release: Release;
  /** From now on the lab has the next one. */
  publishNext(): void;
  /** `settings`: variables besides those of the office. `under`: see `relayProcess`. */
  startRelay(options?: {
    readonly settings?: Readonly<Record<string, string>>;
    readonly under?: readonly string[];
  }): Promise<RelayProcess>;
  /** Has the relay update now, as somebody who has the token; after the one it may have begun by itself. */
  update(relay: RelayProcess): Promise<void>;
  /** The same; one that is under way by itself will do. */
  joinUpdate(relay: RelayProcess): Promise<void>;
  /**
   * As `update`, and resolves with the update on its way: the index drips for seconds. For what breaks the disk under it: an
   * order that cannot be noted in the audit log would be refused.
   */
  updateUnderWay(relay: RelayProcess): Promise<void>;
  /** Has the relay read and repair its store, the same way. */
  repair(relay: RelayProcess): Promise<void>;
  status(relay: RelayProcess): Promise<Status>;
  /** What agents get, held against all that was released so far. */
  view(relay: RelayProcess, chosen?: (file: LabFile, at: number) => boolean): Promise<AgentsView>;
}

const INDEX = 'server.ini';
const TOKEN = 'a-token-for-tests-of-no-use-anywhere-else';

/** A branch office with release 1 at the lab and an empty store, in `store` where that is given. */
export async function branchOffice(
  t: Test,
  options: CatalogueOptions & { readonly store?: string } = {},
): Promise<BranchOffice> {
  const folder = temporaryFolder(t);
  const tokenFile = join(folder, 'admin.token');
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  const store = options.store ?? join(folder, 'store');
  const catalogue = createCatalogue(options);
  const released = [catalogue.release(1)];
  const newest = (): Release => released.at(-1) ?? catalogue.release(1);
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: newest() });

  return {
    lab,
    store,
    get release() {
      return newest();
    },
    publishNext() {
      released.push(catalogue.release(newest().number + 1));
      lab.publish(newest());
    },
    startRelay: ({ settings = {}, under = [] } = {}) => {
      const all = {
        ...relaySettings(lab.url, store),
        RELAY_ADMIN__TOKEN_FILE: tokenFile,
        RELAY_STORAGE__MIN_FREE: '0B',
        RELAY_LOG__LEVEL: 'debug',
        // Killed relays count for no coverage: without tap's hooks, and with what the first that ends well has compiled,
        // they start in half the time.
        NODE_OPTIONS: '',
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
        ...settings,
      };
      return relayProcess(t, all, under);
    },
    async update(relay) {
      await atRest(relay);
      await order(relay, 'update');
    },
    joinUpdate: (relay) => order(relay, 'update'),
    async updateUnderWay(relay) {
      await atRest(relay);
      lab.reset();
      lab.faults.on({ kind: 'slow', match: INDEX, bytesPerSecond: 2000, times: 1 });
      await order(relay, 'update');
      await eventually('the index is on its way', () => lab.requests.some((it) => it.path === INDEX && it.bytes > 0));
    },
    repair: (relay) => order(relay, 'verify'),
    status: statusOf,
    view: (relay, chosen) => agentsView(relay, released, chosen),
  };
}

async function statusOf({ adminUrl }: RelayProcess): Promise<Status> {
  const answer = await fetch(`${adminUrl}/api/v1/status`);
  return (await answer.json()) as Status;
}

/** One order, one update: an order joins one that is under way, which may have read the index of the release before. */
async function atRest(relay: RelayProcess): Promise<void> {
  const isUnderWay = ({ update: { state } }: Status): boolean => state !== 'idle' && state !== 'waiting';
  await eventually('no update is under way', async () => !isUnderWay(await statusOf(relay)), 60_000);
}

/** Asks a relay to do something that takes a while. */
async function order({ adminUrl }: RelayProcess, what: string): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(`${adminUrl}/api/v1/${what}`, { method: 'POST', headers, body: '{}' });
  if (answer.status !== 202) throw new Error(`it was refused: ${answer.status} ${await answer.text()}`);
}
