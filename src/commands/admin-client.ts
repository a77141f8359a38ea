import { readFile } from 'node:fs/promises';
import type { Config } from '../config/schema.ts';
import { RelayError } from '../errors/relay-error.ts';
import type { DryRun } from '../mirror/dry-run.ts';
import type { Status } from '../telemetry/status.ts';

/** The running relay, through its admin listener. Every call throws RLY_ADMIN_UNREACHABLE or RLY_ADMIN_REFUSED. */
export interface AdminClient {
  status(): Promise<Status>;
  startUpdate(): Promise<{ started: boolean; state: string }>;
  dryRun(): Promise<DryRun>;
}

/** Milliseconds. The relay answers from memory; a dry run asks the update source first. */
const PATIENCE = 60_000;

export function createAdminClient(admin: Config['admin']): AdminClient {
  const base = `http://${admin.host.includes(':') ? `[${admin.host}]` : admin.host}:${admin.port}`;

  async function ask<T>(path: string, body?: object): Promise<T> {
    const url = `${base}${path}`;
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body) {
      headers['content-type'] = 'application/json';
      if (admin.tokenFile) headers['authorization'] = `Bearer ${(await readFile(admin.tokenFile, 'utf8')).trim()}`;
    }
    let answer: Response;
    try {
      answer = await fetch(url, {
        method: body ? 'POST' : 'GET',
        headers,
        signal: AbortSignal.timeout(PATIENCE),
        ...(body && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RelayError('RLY_ADMIN_UNREACHABLE', { url, reason }, { cause: error });
    }
    const text = await answer.text();
    if (!answer.ok) throw new RelayError('RLY_ADMIN_REFUSED', { url, status: answer.status, reason: detail(text) });
    return JSON.parse(text) as T;
  }

  return {
    status: () => ask('/api/v1/status'),
    startUpdate: () => ask('/api/v1/update', {}),
    dryRun: () => ask('/api/v1/update', { dryRun: true }),
  };
}

/** The relay's own words where it sent some. */
function detail(body: string): string {
  try {
    const { detail: words } = JSON.parse(body) as { detail?: unknown };
    return typeof words === 'string' ? words : body;
  } catch {
    return body;
  }
}
