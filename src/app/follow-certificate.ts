import { X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { readAgentsTls, type AgentsTls } from '../config/read-agents-tls.ts';
import { isRelayError } from '../errors/relay-error.ts';
import type { Live } from './live.ts';
import type { Audit } from '../ports/audit.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import { noteLocalChange } from '../telemetry/changes.ts';

/** Milliseconds between two looks at the files: those who renew certificates leave days, and do not tell everybody. */
const LOOK = 60_000;

export interface FollowedCertificate {
  readonly live: Live;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly events: Events;
  /** Gives new connections what is in these files. */
  readonly renew: (files: AgentsTls) => void;
}

/**
 * Tells which certificate agents see, and takes over what the files of `agents.tls` come to hold, until the signal aborts;
 * never rejects. What cannot be used is told once, and what is in use stays: the two files of a pair are seldom written at
 * the same moment.
 */
export async function followCertificate(parts: FollowedCertificate, signal: AbortSignal): Promise<void> {
  const { live, clock, events } = parts;
  const { agentsTls } = live.now().files;
  if (agentsTls) tellCertificate(agentsTls, events);
  let told = '';
  while (!signal.aborted) {
    await clock.sleep(LOOK, signal).catch(() => {});
    if (signal.aborted) return;
    try {
      await look(parts);
      told = '';
    } catch (error) {
      if (!isRelayError(error)) events.emit('error.internal', { error: String(error) });
      else if (error.line !== told) events.emit('certificate.refused', { error: `${error.code}: ${error.message}` });
      told = isRelayError(error) ? error.line : told;
    }
  }
}

async function look({ live, audit, events, renew }: FollowedCertificate): Promise<void> {
  const { config, files } = live.now();
  const found = await readAgentsTls(config.agents.tls);
  // A reload may have come in between.
  if (found === null || isDeepStrictEqual(found, files.agentsTls) || live.now().files !== files) return;
  renew(found);
  live.replace(config, { ...files, agentsTls: found });
  tellCertificate(found, events);
  const change = { who: 'its files', what: 'content of agents.tls', before: null, after: certificateFacts(found) };
  await noteLocalChange(audit, events, change);
}

/** Says which certificate agents see from now on. */
export function tellCertificate(files: AgentsTls, events: Events): void {
  const { subject, until } = certificateFacts(files);
  events.emit('certificate.loaded', { key: 'agents.tls.cert', subject, until });
}

function certificateFacts({ cert }: AgentsTls): { subject: string; fingerprint: string; until: string } {
  const { subject, fingerprint256, validToDate } = new X509Certificate(cert);
  return { subject: subject.split('\n').join(', '), fingerprint: fingerprint256, until: validToDate.toISOString() };
}
