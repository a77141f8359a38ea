import { checkArchive } from '../archive/check-archive.ts';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import { isAboutTheObject, isOfTheSource } from '../flight/judge-failure.ts';
import type { Proof } from '../ports/generation.ts';
import type { StoredResponse } from '../ports/store.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { PullItem } from './allow-list.ts';
import { renewedFields, validatorsOf } from './freshness.ts';
import { answerOf, lifetimeOf } from './lifetime.ts';
import { shownPath, type PullContext } from './pull-context.ts';
import { bindPart, pulledPart } from './pulled-part.ts';
import { createReception, type Reception } from './reception.ts';

const MIB = 1024 * 1024;

/** Bytes that one file may have: no index says how many there should be (SECURITY.md, "Defaults"). */
const LIMITS = { hotfix: 2048 * MIB, 'domain-settings': 8 * MIB } as const;

/** Bytes that an answer may have whose length is not told: so much room is made for it. */
const LIMIT_UNTOLD = 256 * MIB;

/** Under which kind of item the received bytes are booked. */
const LEDGER_KINDS = { hotfix: 'programs', 'domain-settings': 'domainSettings' } as const;

/** What the sources said. */
export interface Outcome {
  readonly state: 'unchanged' | 'fetched';
  readonly response: StoredResponse;
}

export interface Asking {
  readonly item: PullItem;
  /** The copy that is here. */
  readonly present: StoredResponse | undefined;
  readonly signal: AbortSignal;
  /** Told of bytes that begin to come; and when they turn out to be worth nothing, why. */
  readonly onReception: (reception: Reception) => void;
  readonly onWorthless: (reception: Reception, reason: RelayError) => void;
}

/**
 * Asks the sources in their order until one has the item (docs/protocol.md §2); those that failed seconds ago come last. What
 * it has is proven and on disk when this resolves, and noted for later where it may be kept. Rejects with RLY_PULL_ABSENT where all say that
 * they have none, RLY_PULL_FAILED where some could not be asked, at once with an error of the disk. A copy whose own source has
 * it no more is forgotten.
 */
export async function askSources(asking: Asking, context: PullContext): Promise<Outcome> {
  const { item, present } = asking;
  const { health, events, store } = context;
  const path = shownPath(item);
  const failures: RelayError[] = [];
  const forget = (): Promise<void> => store.responses.retain(({ key }) => key !== item.key);

  const all = context.sourcesOf(item);
  const benched = all.filter(({ url }) => health.isBenched(url));
  for (const source of [...all.filter((candidate) => !benched.includes(candidate)), ...benched]) {
    try {
      const outcome = await askSource(source, asking, context);
      health.succeeded(source.url);
      return outcome;
    } catch (error) {
      if (!isOfTheSource(error)) throw error;
      if (isRelayError(error, 'RLY_UPSTREAM_NOT_FOUND')) {
        if (present?.source === source.url) await forget();
        continue;
      }
      if (!isAboutTheFile(error)) health.failed(source.url, error);
      failures.push(error);
      events.emit('object.failed', { path, source: source.url, error: `${error.code}: ${error.message}` });
    }
  }
  const [first] = failures;
  const cause = new AggregateError(failures);
  if (first) throw new RelayError('RLY_PULL_FAILED', { path, reason: first.message }, { cause });
  await forget();
  throw new RelayError('RLY_PULL_ABSENT', { path });
}

function isAboutTheFile(error: RelayError): boolean {
  return (
    isAboutTheObject(error) || isRelayError(error, 'RLY_UPSTREAM_NO_LENGTH') || isRelayError(error, 'RLY_STORAGE_LIMIT')
  );
}

async function askSource(source: UpdateSource, asking: Asking, context: PullContext): Promise<Outcome> {
  const { item, present, signal } = asking;
  const { store, upstream } = context;
  const path = shownPath(item);
  const receptions: Reception[] = [];

  async function discard(reason: RelayError, isOfUse = false): Promise<void> {
    for (const reception of receptions.splice(0)) {
      asking.onWorthless(reception, reason);
      await reception.writer[isOfUse ? 'keep' : 'abort']();
    }
  }

  // Validators of one source say nothing about another's file; and a copy that is gone cannot be unchanged.
  const known = present?.source === source.url && (await store.blobs.has(present)) ? present : null;
  try {
    const { state, fields } = await upstream.fetchResource({
      source,
      path: item.path,
      kind: LEDGER_KINDS[item.kind],
      limit: LIMITS[item.kind],
      validators: known && validatorsOf(known.fields),
      shownAs: path === item.path ? undefined : path,
      signal,
      async open(head, mayGoOn) {
        const reason = `${source.url} sends it from its first byte again`;
        await discard(new RelayError('RLY_OBJECT_DISCARDED', { path, reason }));
        const { length } = head;
        const most = Math.min(LIMITS[item.kind], LIMIT_UNTOLD);
        const begun = { ...head, at: context.clock.now() };
        const part = pulledPart(item, source, begun);
        const writer = await store.blobs.create(length ?? most, { exact: length !== null, part: part?.name });
        if (part) await bindPart(writer, part, mayGoOn);
        const reception = createReception(begun, writer, store.blobs);
        receptions.push(reception);
        asking.onReception(reception);
        return reception.sink;
      },
    });
    const [reception] = receptions;
    if (state === 'fetched' && reception) {
      const proof = await checkArchive(reception.writer, path);
      return await land(reception, { source, proof }, asking, context);
    }
    const renewed = known && renewedFields(known.fields, fields);
    if (!known || !renewed) {
      const reason = 'it answered 304 about another content than it was asked about';
      throw new RelayError('RLY_UPSTREAM_PROTOCOL', { url: `${source.url}/${path}`, reason });
    }
    const response = { ...known, fields: renewed, checkedAt: now(context) };
    store.responses.renew(response);
    return { state: 'unchanged', response };
  } catch (error) {
    const reason = isRelayError(error) ? error : interrupted(error);
    await discard(reason, !isAboutTheFile(reason));
    throw error;
  }
}

async function land(
  reception: Reception,
  { source, proof }: { source: UpdateSource; proof: Proof },
  { item: { key, path, kind } }: Asking,
  context: PullContext,
): Promise<Outcome> {
  const { responses } = context.store;
  const { fields, at } = reception;
  // It is as fresh as when it began to come, which may be long ago.
  const times = { fetchedAt: now(context), checkedAt: new Date(at).toISOString() };
  const about = { key, path, kind, proof, source: source.url, ...times, fields };
  const { storable } = lifetimeOf(kind, answerOf(about));
  // Noted before the blob has its name: a kill between the two would else cost these bytes a second time. What is not noted is
  // read by those who follow it, and goes with the next collection.
  const blob = await reception.commit((announced) =>
    storable ? responses.add({ ...about, ...announced }) : responses.retain((other) => other.key !== key),
  );
  const told = { path: shownPath({ kind, path }), bytes: blob.size, source: source.url, proof };
  context.events.emit('object.fetched', told);
  return { state: 'fetched', response: { ...about, ...blob } };
}

function now({ clock }: PullContext): string {
  return new Date(clock.now()).toISOString();
}

/** What is no error of the catalogue is a bug, or the reason of an abort: the relay is stopping. */
function interrupted(cause: unknown): RelayError {
  return new RelayError('RLY_INTERNAL', { reason: String(cause) }, { cause });
}
