import { isIP } from 'node:net';
import { ROLES, type Question } from './decision.ts';
import { commandWord, ITEM_KINDS, parseItemKind } from './item-kind.ts';

/** A question as it is typed. */
export interface QuestionWords {
  readonly kind: string;
  readonly role?: string | undefined;
  /** The client's address. Without a role it is that of an agent; without an address this relay itself is meant. */
  readonly agent?: string | undefined;
}

/** The question these words ask, or in words what is wrong with them. `own`: the addresses of this host. */
export function parseQuestion({ kind, role, agent }: QuestionWords, own: readonly string[]): Question | string {
  const known = parseItemKind(kind);
  if (known === undefined) return `kind ${kind} is none of ${ITEM_KINDS.map(commandWord).join(', ')}`;
  const wanted = role ?? (agent === undefined ? 'update-agent' : 'agent');
  const as = ROLES.find((candidate) => candidate === wanted);
  if (as === undefined) return `role ${wanted} is none of ${ROLES.join(', ')}`;
  const problem = addressProblem(agent);
  if (problem !== undefined) return problem;
  if (agent !== undefined) return { kind: known, role: as, addresses: [agent] };
  // Of an agent somewhere, only what is for every client can be said.
  return { kind: known, role: as, addresses: as === 'agent' ? [] : own };
}

/** What is wrong with the address of an agent, in words; undefined for a right one, or none. */
export function addressProblem(agent: string | undefined): string | undefined {
  return agent === undefined || isIP(agent) !== 0 ? undefined : `agent ${agent} is no IPv4 or IPv6 address`;
}
