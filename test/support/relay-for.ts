import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssemblyOptions } from '../../src/app/assembly.ts';
import { type Relay, startRelay } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { PREFETCH_ALL_ENV } from './prefetch-all.ts';
import { SHARED_ADDRESS_ENV } from './shared-address.ts';
import { type RecordedEvents, recordedEvents } from './recorded-events.ts';

type Ending = { teardown(end: () => unknown): void };

export interface TestRelay extends Relay {
  readonly events: RecordedEvents;
  /** Environment variables a command needs to mean this relay and its store. */
  readonly env: Readonly<Record<string, string>>;
}

/** A folder that is gone with the test. */
export async function temporaryFolder(t: Ending): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The configuration of a relay on free ports of loopback, with a store of its own, that mirrors `source` alone; as variables. */
export async function relayEnv(t: Ending, source: string): Promise<Record<string, string>> {
  return {
    RELAY_SOURCES__OFFICE_SCAN_SERVER: source,
    // Without a list there is no other source then: nothing of a test goes to the Internet.
    RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'true',
    ...PREFETCH_ALL_ENV,
    ...SHARED_ADDRESS_ENV,
    RELAY_STORAGE__PATH: join(await temporaryFolder(t), 'store'),
    RELAY_STORAGE__MIN_FREE: '0B',
    RELAY_AGENTS__HOST: '127.0.0.1',
    RELAY_AGENTS__PORT: '0',
    RELAY_ADMIN__PORT: '0',
    // Containers often run tests as root.
    RELAY_ALLOW_ROOT: '1',
  };
}

/** A relay in this process that ends with the test. */
export async function relayFor(
  t: Ending,
  env: Readonly<Record<string, string>>,
  options: Partial<AssemblyOptions> = {},
): Promise<TestRelay> {
  const events = recordedEvents();
  const { config } = await loadConfig({ env, cwd: import.meta.dirname });
  const relay = await startRelay(config, { ...options, listeners: [events.emit] });
  t.teardown(() => relay.close('the test ends'));
  return { ...relay, events, env: { ...env, RELAY_ADMIN__PORT: new URL(relay.adminUrl).port } };
}
