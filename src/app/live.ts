import { ownAddresses } from '../config/own-addresses.ts';
import type { ConfigFiles } from '../config/config-files.ts';
import type { Config } from '../config/schema.ts';
import type { Gate } from '../delivery/gate.ts';
import { downloadLimit, type DownloadLimit } from '../delivery/downloads.ts';
import { adminGate, agentsGate } from '../delivery/gates.ts';
import { relaySources, type RelaySources } from '../policy/relay-sources.ts';

/** A configuration, what lies in its files, and what follows from both: replaced as a whole. */
export interface InForce {
  readonly config: Config;
  readonly files: ConfigFiles;
  /** Where each kind of item comes from, in order. */
  readonly order: RelaySources;
  readonly agentsGate: Gate<'GET' | 'HEAD'>;
  readonly adminGate: Gate;
  /** How many downloads an address may have. */
  readonly downloadLimit: DownloadLimit;
}

/** What is in force now. Whoever works with something a reload may change asks for it each time. */
export interface Live {
  now(): InForce;
  replace(config: Config, files: ConfigFiles): void;
}

export function createLive(config: Config, files: ConfigFiles): Live {
  let now = inForce(config, files);
  return {
    now: () => now,
    replace(next, nextFiles) {
      now = inForce(next, nextFiles);
    },
  };
}

function inForce(config: Config, files: ConfigFiles): InForce {
  return {
    config,
    files,
    order: relaySources(config.sources, ownAddresses()),
    agentsGate: agentsGate(config.agents),
    adminGate: adminGate(config.admin),
    downloadLimit: downloadLimit(config.agents),
  };
}

/** The order in force, whenever somebody looks. */
export function liveOrder(live: Live): RelaySources {
  return {
    get components() {
      return live.now().order.components;
    },
    get programs() {
      return live.now().order.programs;
    },
    get hotfixes() {
      return live.now().order.hotfixes;
    },
    get domainSettings() {
      return live.now().order.domainSettings;
    },
  };
}
