import { hash } from 'node:crypto';
import { globSync } from 'node:fs';
import type { Test } from 'tap';
import type { EventName } from '../../src/ports/events.ts';
import type { BranchOffice } from './branch-office.ts';
import { crowd } from './crowd.ts';
import { eventually } from './eventually.ts';
import { get } from './exchange.ts';
import type { RelayProcess } from './relay-process.ts';
import { blobsOn, bytesOn, currentOn, temporariesOn } from './store-on-disk.ts';

/** Milliseconds from the start of a process until agents and administrators get answers. */
const READY_WITHIN = 10_000;

/** Milliseconds. What cannot be had is refused from memory; the rest is for a machine that stands still for a moment. */
const AT_ONCE = 2000;

/** What a drill is to leave behind. */
export interface Aftermath {
  readonly name: string;
  /** The release whose index agents get; null before the first. */
  readonly release: number | null;
  /** The line of the log that says what happened: its event, and fields it has. */
  readonly said?: { readonly event: EventName; readonly [field: string]: unknown };
}

/** Starts a relay on whatever the one before left: ready in time, with the temporaries of that one gone. */
export async function startInTime(
  t: Test,
  office: BranchOffice,
  name: string,
  options?: Parameters<BranchOffice['startRelay']>[0],
): Promise<RelayProcess> {
  const leftovers = temporariesOn(office.store);
  const startedAt = performance.now();
  const relay = await office.startRelay(options);
  t.equal((await fetch(`${relay.adminUrl}/livez`)).status, 200);
  const { generation: before } = await office.status(relay);
  const { status } = await fetch(`${relay.adminUrl}/readyz`);
  const { generation: after } = await office.status(relay);
  // The first may be published between two questions.
  t.ok(status === 200 ? after : status === 503 && !before, `${name}: ready or not, as it has something to serve`);
  const took = performance.now() - startedAt;
  t.ok(took < READY_WITHIN * crowd(), `${name}: ready within ${READY_WITHIN} ms, and not after ${Math.round(took)}`);
  const now = new Set(temporariesOn(office.store));
  t.strictSame(
    leftovers.filter((file) => now.has(file)),
    [],
    `${name}: temporaries of the one before are gone`,
  );
  return relay;
}

/**
 * Holds a relay after a drill against the invariants of ARCHITECTURE.md, through the eyes of agents and byte for byte against the
 * lab's truth. Ends with a release and an update that nobody helps, and that asks for nothing that was there already.
 * The relay is to be at rest, its source well, and no file of the store to be held by somebody else.
 */
export async function assertInvariants(
  t: Test,
  office: BranchOffice,
  relay: RelayProcess,
  aftermath: Aftermath,
): Promise<void> {
  const { name, release, said } = aftermath;
  if (said) {
    const lines = relay.log.filter(({ event }) => event === said.event);
    t.ok(lines.length > 0, `${name}: the log says ${said.event}`);
    t.match(lines.at(-1), said, `${name}: what the log says`);
  }
  // 1, 2, 3: right bytes of one moment.
  t.strictSame(await office.view(relay), { release, wrong: [] }, `${name}: agents get right bytes`);
  await assertStore(t, office, relay, name);
  await assertPrompt(t, office, relay, name);
  await assertOrder(t, office, relay, name);
  await assertGoesOn(t, office, relay, name);
}

/** 2, 5, 6: the pointer names a whole generation, the books are what is on disk, and nothing lies about. */
async function assertStore(t: Test, office: BranchOffice, relay: RelayProcess, name: string): Promise<void> {
  const { store } = office;
  const { generation } = await office.status(relay);
  if (generation) {
    const blobs = blobsOn(store);
    const current = currentOn(store);
    t.equal(current.number, generation.number, `${name}: the pointer names what is served`);
    const lacking = current.blobs.filter(({ sha256 }) => blobs.get(sha256) !== sha256).map(({ path }) => path);
    t.strictSame(lacking, [], `${name}: the current generation is whole`);
  }
  const atRest = await eventually(`${name}: a store at rest`, async () => {
    const { storage } = await office.status(relay);
    return storage.bytes === bytesOn(store) && temporariesOn(store).length === 0;
  }).catch(async () => ({ books: (await office.status(relay)).storage.bytes, left: temporariesOn(store) }));
  t.strictSame(atRest, true, `${name}: the books say ${bytesOn(store)} bytes, as the disk does, and no temporaries`);
  const strange = globSync('{blobs,generations,parts}/**', { cwd: store }).filter((file) => !OURS.test(file));
  t.strictSame(strange, [], `${name}: no file is named by anything but a hash or a number`);
}

const OURS = /^(blobs(\/[0-9a-f]{2}(\/[0-9a-f]{64})?)?|generations(\/\d+)?|parts(\/[0-9a-f]{64}(\.note)?)?)$/;

/** 5, 8: what is in no table is refused at once, and nobody is asked for it. */
async function assertPrompt(t: Test, { lab }: BranchOffice, { agentsUrl }: RelayProcess, name: string): Promise<void> {
  const before = lab.requests.length;
  for (const [path, status] of [
    ['pattern/nothing.zip', 404],
    ['%2e%2e/%2e%2e/etc/passwd', 400],
    ['pattern/..%5c..%5cofcscan.ini', 400],
  ] as const) {
    const askedAt = performance.now();
    const answer = await get(Number(new URL(agentsUrl).port), `/activeupdate/${path}`);
    t.equal(answer.status, status, `${name}: ${path}`);
    t.ok(performance.now() - askedAt < AT_ONCE * crowd(), `${name}: ${path} is refused at once`);
  }
  // The relay may look for an update at any moment.
  const asked = lab.requests.slice(before).flatMap(({ path }) => (path === 'server.ini' ? [] : [path]));
  t.strictSame(asked, [], `${name}: the source is asked for none of it`);
}

/** 7: the order of sources is that of the document, and what is served came from there. */
async function assertOrder(t: Test, office: BranchOffice, relay: RelayProcess, name: string): Promise<void> {
  const answer = await fetch(`${relay.adminUrl}/api/v1/explain?kind=components`);
  const { attempts } = (await answer.json()) as { attempts: { source: string }[] };
  const order = attempts.map(({ source }) => source);
  t.strictSame(order, [office.lab.url], `${name}: the sources in their order`);
  const { generation } = await office.status(relay);
  if (generation) t.equal(generation.source, office.lab.componentsUrl, `${name}: where the generation is from`);
}

/** 4, 6: the next release is mirrored by an update that nobody helps, and no byte that is here crosses the network again. */
async function assertGoesOn(t: Test, office: BranchOffice, relay: RelayProcess, name: string): Promise<void> {
  const { lab, store } = office;
  const here = new Set([...blobsOn(store)].flatMap(([file, sha256]) => (file === sha256 ? [file] : [])));
  office.publishNext();
  const { release } = office;
  lab.reset();
  const published = relay.log.filter(({ event }) => event === 'update.published').length;
  await office.update(relay);
  await relay.logged('update.published', published + 1);
  t.strictSame(
    await office.view(relay),
    { release: release.number, wrong: [] },
    `${name}: agents get the next release`,
  );
  const again: string[] = [];
  for (const { path } of lab.requests) {
    const file = release.files.get(path);
    // The same signature belongs to another index now (docs/protocol.md §4).
    if (!file || file.kind === 'index' || file.kind === 'signature') continue;
    if (here.has(hash('sha256', await file.read()))) again.push(path);
  }
  t.strictSame(again, [], `${name}: nothing that was here is fetched again`);
  t.match(await office.status(relay), { update: { lastError: null } }, `${name}: nothing is wrong`);
}
