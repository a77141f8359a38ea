import { isDeepStrictEqual } from 'node:util';
import { changedFiles, readConfigFiles } from '../config/config-files.ts';
import { adoptChanges, diffConfig } from '../config/diff-config.ts';
import { brokenRule } from '../config/rules.ts';
import type { Config } from '../config/schema.ts';
import { connectionLimits, openFilesLimit } from '../delivery/connection-limits.ts';
import { RelayError } from '../errors/relay-error.ts';
import type { Audit, Change } from '../ports/audit.ts';
import type { Events } from '../ports/events.ts';
import { noteLocalChange } from '../telemetry/changes.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { tellCertificate } from './follow-certificate.ts';
import type { AgentsListener } from './listeners.ts';
import type { InForce, Live } from './live.ts';

export interface ReloadParts {
  readonly live: Live;
  readonly audit: Audit;
  readonly events: Events;
  readonly upstream: Pick<Upstream, 'reach' | 'limit'>;
  readonly mirror: Pick<Mirror, 'reschedule'>;
  readonly agents: Pick<AgentsListener, 'renew' | 'connections'>;
}

/**
 * Takes over what a running relay can of another configuration, and of the files it names; tells what it took over, and
 * what is for the next start. All or nothing: throws RLY_CONFIG_RELOAD and what `readConfigFiles` throws, and then nothing
 * has changed.
 */
export async function reload(next: Config, who: string, parts: ReloadParts): Promise<void> {
  const { live, audit, events } = parts;
  const old = live.now();
  const { config, files } = old;
  const changes = diffConfig(config, next);
  const adopted = adoptChanges(config, changes);
  refuseContradiction(adopted);
  const adoptedFiles = await readConfigFiles(adopted);
  const { taken = [], later = [] } = Object.groupBy(changes, ({ live: isLive }) => (isLive ? 'taken' : 'later'));
  const contents = changedFiles(files, adoptedFiles).filter(
    (key) => !taken.some((change) => isWithin(change.key, key)),
  );

  const notes: Change[] = [
    ...taken.map(({ key, before, after }) => ({ who, what: key, before, after })),
    ...contents.map((key) => ({ who, what: `content of ${key}`, before: null, after: null })),
  ];
  for (const note of notes) await noteLocalChange(audit, events, note);
  const { agentsTls } = adoptedFiles;
  // The only step that could fail: before all others.
  if (agentsTls && !isDeepStrictEqual(agentsTls, files.agentsTls)) {
    parts.agents.renew(agentsTls);
    tellCertificate(agentsTls, events);
  }
  live.replace(adopted, adoptedFiles);
  handOver(live.now(), old, parts);

  events.emit('config.reloaded', { changed: notes.map(({ what }) => what).join(', ') || 'nothing' });
  if (later.length > 0) events.emit('config.needs-restart', { keys: later.map(({ key }) => key).join(', ') });
}

/** To those who do not ask for what is in force each time. */
function handOver({ config, files }: InForce, old: InForce, { upstream, mirror, agents }: ReloadParts): void {
  agents.connections.limit(connectionLimits(config.agents, openFilesLimit()));
  if (!isDeepStrictEqual(files.reach, old.files.reach)) upstream.reach(files.reach);
  if (!isDeepStrictEqual(config.mirror.wan, old.config.mirror.wan)) upstream.limit(config.mirror.wan);
  if (config.mirror.every !== old.config.mirror.every) mirror.reschedule();
}

function isWithin(key: string, section: string): boolean {
  return key === section || key.startsWith(`${section}.`);
}

/** Each of the two configurations may be right, and what of the second can be taken over wrong beside the first. */
function refuseContradiction(config: Config): void {
  const broken = brokenRule(config);
  if (broken) throw new RelayError('RLY_CONFIG_RELOAD', broken);
}
