import type { Test } from 'tap';
import type { AssemblyOptions } from '../../src/app/assembly.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { get, type HttpAnswer } from './exchange.ts';
import { labServerFor } from './lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from './relay-for.ts';

// The Virus Pattern has 6.5 MB then, and all else next to nothing.
export const catalogue = createCatalogue({ shape: 'small', scale: 0.1 });
export const RELEASE = catalogue.release(1);
export const PATTERN = 'pattern/vsapi985.zip';
export const TRUTH = await RELEASE.file(PATTERN);
export const SIZE = TRUTH.length;

export interface Office {
  readonly relay: TestRelay;
  readonly lab: LabServer;
  readonly env: Readonly<Record<string, string>>;
  /** An agent asks for the pattern. */
  ask(headers?: Record<string, string>, path?: string): Promise<HttpAnswer>;
  /** What the source was asked for below that path. */
  asked(path?: string): LabServer['requests'];
}

/** A relay that has mirrored everything but full patterns, which come on demand. */
export async function office(
  t: Test,
  settings: Readonly<Record<string, string>> = {},
  options: Partial<AssemblyOptions> = {},
): Promise<Office> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: RELEASE });
  const env = {
    ...(await relayEnv(t, lab.url)),
    RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '64KiB',
    RELAY_MIRROR__ITEMS__PROGRAMS: 'false',
    ...settings,
  };
  const relay = await relayFor(t, env, { limits: { firstPause: 10, longestPause: 10 }, ...options });
  await relay.mirror.update('administrator');
  lab.reset();
  return { relay, lab, env, ...asking(relay, lab) };
}

/** How agents ask that relay, and what its source is asked for. */
export function asking(relay: TestRelay, lab: LabServer): Pick<Office, 'ask' | 'asked'> {
  const port = Number(new URL(relay.agentsUrl).port);
  return {
    ask: (headers = {}, path = PATTERN) => get(port, `/activeupdate/${path}`, { headers }),
    asked: (path = PATTERN) => lab.requests.filter((request) => request.path === path),
  };
}

/** A second source with the same release, to be the first in the list; and the settings for it. */
export async function second(t: Test): Promise<{ other: LabServer; settings: Record<string, string> }> {
  const other = await labServerFor(t, { kind: 'officeScanServer', release: RELEASE });
  const settings = {
    RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'false',
    RELAY_SOURCES__CUSTOMIZED: JSON.stringify([{ url: other.componentsUrl }]),
  };
  return { other, settings };
}

/** A store in which somebody holds all the room there is. */
export async function full(
  t: Test,
  settings: Record<string, string> = {},
): Promise<Office & { free(): Promise<void> }> {
  const there = await office(t, settings);
  const { store } = there.relay;
  const { bytes, maxBytes } = store.usage();
  const keeper = await store.blobs.create(maxBytes - bytes);
  t.teardown(() => keeper.abort());
  return { ...there, free: () => keeper.abort() };
}
