import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { readToken } from '../config/read-token.ts';
import type { Config } from '../config/schema.ts';
import { objectExplanationSchema, type ObjectExplanation, type ObjectQuestion } from '../delivery/explain-object.ts';
import { pulledExplanationSchema, type PulledExplanation } from '../delivery/explain-pulled.ts';
import { RelayError } from '../errors/relay-error.ts';
import type { Allowance } from '../mirror/allowance.ts';
import { dryRunSchema, type DryRun } from '../mirror/dry-run.ts';
import { repairSchema, type RepairView } from '../mirror/repair.ts';
import { generationsSchema, type Generations } from '../telemetry/generations.ts';
import { statusSchema, type Status } from '../telemetry/status.ts';

/**
 * The running relay, through its admin listener. Every call throws RLY_ADMIN_UNREACHABLE, RLY_ADMIN_REFUSED, and the
 * reason of the signal; those that change something RLY_ADMIN_TOKEN_UNUSABLE too.
 */
export interface AdminClient {
  status(): Promise<Status>;
  /** All of them: their number is bounded by storage.keepGenerations and by who works from them. */
  generations(): Promise<Generations>;
  explain(question: ObjectQuestion): Promise<ObjectExplanation | PulledExplanation>;
  /** Resolves when an update is under way; answers whether it is this one, and not one that was already. */
  startUpdate(allow?: Allowance): Promise<boolean>;
  dryRun(allow?: Allowance): Promise<DryRun>;
  /** Resolves when a repair is under way, this one or one that was already. */
  startRepair(): Promise<void>;
  repair(): Promise<RepairView>;
}

/** Milliseconds. The relay answers from memory; a dry run asks the update source first. */
const PATIENCE = 60_000;

/** What the relay says when it does not do what it is asked (docs/reference/errors.md). */
const refusalSchema = Type.Object({ error: Type.String(), detail: Type.String() });

const started = Type.Object({ started: Type.Boolean() });

export function createAdminClient(admin: Config['admin'], signal: AbortSignal): AdminClient {
  const base = `http://${admin.host.includes(':') ? `[${admin.host}]` : admin.host}:${admin.port}`;

  async function ask<S extends TSchema>(path: string, schema: S, body?: object): Promise<Static<S>> {
    const url = `${base}${path}`;
    const answer = await send(url, body ? await writing(body) : {});
    const found = parsed(answer.text);
    if (answer.ok && Value.Check(schema, found)) return found;
    if (!answer.ok && Value.Check(refusalSchema, found)) {
      const reason = found.detail.replace(/\.$/, '');
      throw new RelayError('RLY_ADMIN_REFUSED', { url, status: answer.status, reason });
    }
    throw new RelayError('RLY_ADMIN_UNREACHABLE', { url, reason: `something else does, with status ${answer.status}` });
  }

  async function writing(body: object): Promise<RequestInit> {
    const token = await readToken(admin.tokenFile);
    return {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    };
  }

  async function send(url: string, init: RequestInit): Promise<{ ok: boolean; status: number; text: string }> {
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) });
      return { ok: answer.ok, status: answer.status, text: await answer.text() };
    } catch (error) {
      signal.throwIfAborted();
      throw new RelayError('RLY_ADMIN_UNREACHABLE', { url, reason: reasonOf(error) }, { cause: error });
    }
  }

  return {
    status: () => ask('/api/v1/status', statusSchema),
    generations: () => ask('/api/v1/generations?limit=1000', generationsSchema),
    explain({ path, agent }) {
      const query = new URLSearchParams({ path, ...(agent !== null && { agent }) });
      const explanation = Type.Union([objectExplanationSchema, pulledExplanationSchema]);
      return ask(`/api/v1/explain?${query.toString()}`, explanation);
    },
    startUpdate: async (allow) => (await ask('/api/v1/update', started, bodyOf(allow))).started,
    dryRun: (allow) => ask('/api/v1/update', dryRunSchema, { dryRun: true, ...bodyOf(allow) }),
    startRepair: async () => void (await ask('/api/v1/verify', started, {})),
    repair: () => ask('/api/v1/verify', repairSchema),
  };
}

function bodyOf(allow: Allowance | undefined): object {
  return allow ? { allowOlder: allow.older, allowShrink: allow.shrink, reason: allow.reason } : {};
}

/** `fetch` keeps the reason in the cause; that of several addresses tried at once has a code and no message. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as Error;
  const { message, code } = cause as NodeJS.ErrnoException;
  return message || String(code);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
