import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { ServerSection } from '../manifest/server-section.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { Generation, GenerationObject, OnDemandObject } from '../ports/generation.ts';
import type { OnDemand } from '../ports/on-demand.ts';
import type { PullThrough } from '../ports/pull-through.ts';
import type { Store } from '../ports/store.ts';
import { INDEX, pathInTree } from './agent-path.ts';
import type { Answer, AnswerHeaders } from './answer.ts';
import { answerContent } from './answer-content.ts';
import { createOnDemandAnswers } from './answer-on-demand.ts';
import { createPulledAnswers } from './answer-pulled.ts';
import { tellBroken } from './broken-blob.ts';
import { createContents } from './contents.ts';
import type { DomainGuard } from './domain-guard.ts';
import { createGenerationTable, type GenerationTable, type ServedIndex } from './generation-table.ts';
import type { HotMemory } from './hot-memory.ts';
import type { Identity } from './identity.ts';
import { withKnownTags } from './known-tags.ts';
import type { ContentRequest } from './plan.ts';
import { refused } from './refused.ts';
import { createRepresentation, type Representation } from './representation.ts';
import { searchGenerations } from './search-generations.ts';
import { createSticky, type Asker } from './sticky.ts';
import { withoutBlindRange } from './without-blind-range.ts';

/** One request that has passed the gate. */
export interface DeliveryRequest extends ContentRequest, Asker, Identity {
  /** Named in the bodies of errors. */
  readonly id: string;
  /** Absolute and decoded; see `createGate`. */
  readonly path: string;
}

export interface Delivery {
  /** The answer to one request. Errors of the request and of the disk are answers too; it throws only what is a bug. */
  answer(request: DeliveryRequest): Answer | Promise<Answer>;
  /** The current generation's number, or 0. */
  generation(): number;
  /** The generation in which a client at this address is given objects first, over a new connection; undefined before any. */
  generationOf(address: string): Generation | undefined;
  /** An on-demand object with the blob it has; undefined while it is not here. */
  fillOf(object: OnDemandObject): GenerationObject | undefined;
  /** Generations that agents may still be working from: the collector keeps them. */
  pinnedGenerations(): ReadonlySet<number>;
}

export interface DeliveryOptions {
  readonly store: Pick<Store, 'generations' | 'fills'> & { readonly blobs: Pick<Store['blobs'], 'open' | 'read'> };
  readonly clock: Clock;
  readonly events: Events;
  readonly serverSection: ServerSection;
  /** Bytes of small objects kept in memory. */
  readonly memory: number;
  /** Memory for large ones. */
  readonly hot: HotMemory;
  readonly onDemand: OnDemand;
  /** For paths that no index lists. */
  readonly pullThrough: PullThrough;
  /** Who may have the settings of a domain. */
  readonly domainGuard: DomainGuard;
  /** Told the component of each object an agent asks for. */
  readonly onAsked?: (component: string) => void;
  /** Called when the index turns out to be damaged: no flight brings it, an update does. */
  readonly lookForUpdate?: () => void;
  /** Fields of each answer with the index that change with time; none unless told. */
  readonly indexFields?: () => AnswerHeaders;
}

/** Turns requests into answers: path → generation → object → status, fields, bytes. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { store, clock, events, serverSection, memory, hot, onDemand, pullThrough, domainGuard } = options;
  const { onAsked = () => {}, lookForUpdate = () => {}, indexFields = () => ({}) } = options;
  const { blobs, generations } = store;
  const contents = createContents({ blobs, memory, hot });
  const answerOnDemand = createOnDemandAnswers(onDemand);
  const answerPulled = createPulledAnswers({ contents, events });
  const sticky = createSticky(clock, generations.current()?.number);
  const tables = new WeakMap<Generation, GenerationTable>();

  function tableOf(generation: Generation): GenerationTable {
    let table = tables.get(generation);
    if (!table) tables.set(generation, (table = createGenerationTable(generation, blobs, serverSection)));
    return table;
  }

  /** The generation this client works from. A pinned one that was retired all the same: the current one is the best there is. */
  function ownOf(asker: Asker, current: Generation): Generation {
    const pinned = sticky.pinned(asker);
    return (pinned === undefined ? undefined : generations.get(pinned)) ?? current;
  }

  function answerPath(given: DeliveryRequest, path: string, own: Generation): Answer | Promise<Answer> {
    const request = onDemand.wasCut(path) ? withoutBlindRange(given) : given;
    const answer = searchGenerations(own, generations.list(), (generation) => answerIn(generation, request, path));
    return answer ?? notListed(request, own.number);
  }

  function answerIn(
    generation: Generation,
    request: DeliveryRequest,
    path: string,
  ): Answer | Promise<Answer> | undefined {
    const table = tableOf(generation);
    const found = table.find(path);
    if (found) {
      onAsked(found.component);
      return answerObject(request, found);
    }
    const object = table.findOnDemand(path);
    if (!object) return undefined;
    onAsked(object.component);
    const fill = onDemand.fillOf(object);
    if (fill) return answerObject(request, representationOf(fill, generation.number));
    return answerOnDemand(request, { object, generation });
  }

  function answerIndex(request: DeliveryRequest, current: Generation): Answer | Promise<Answer> {
    function answer({ representation, bytes }: ServedIndex): Answer | Promise<Answer> {
      const heeded = mayBeContinued(request, current) ? request : withoutBlindRange(request);
      if (request.method === 'GET') sticky.indexRead(request, current.number);
      const given = answerContent(heeded, representation, () => bytes);
      return given instanceof Promise ? given.then(withIndexFields) : withIndexFields(given);
    }

    const served = tableOf(current).index();
    if (!(served instanceof Promise)) return answer(served);
    const at = { ...current.index, path: INDEX, generation: current.number };
    return served.then(answer, (error: unknown) => {
      const refusal = broken(request, at, error);
      lookForUpdate();
      return refusal;
    });
  }

  function withIndexFields(answer: Answer): Answer {
    return { ...answer, headers: { ...answer.headers, ...indexFields() } };
  }

  /** Whether no agent can still hold the beginning of an older index: two halves of two moments would pass for an index. */
  function mayBeContinued({ headers }: DeliveryRequest, current: Generation): boolean {
    if (headers.range === undefined) return true;
    return [...sticky.pinnedGenerations()].every((generation) => generation === current.number);
  }

  function answerObject(request: DeliveryRequest, of: Representation): Answer | Promise<Answer> {
    const answer = answerContent(withKnownTags(request, onDemand), of, () => contents.get(of.content));
    return answer instanceof Promise ? answer.catch((error: unknown) => heal(request, of, error)) : answer;
  }

  /** What is damaged on disk is a miss: it comes anew, for this very request. */
  async function heal(request: DeliveryRequest, of: Representation, error: unknown): Promise<Answer> {
    const at = { sha256: of.content.sha256, path: of.path, generation: of.generation };
    const answer = broken(request, at, error);
    const generation = generations.get(of.generation);
    const object = generation && objectIn(generation, of, store.fills.list());
    if (!generation || !object || !isRelayError(error, 'RLY_STORAGE_BLOB_BROKEN')) return answer;
    const healed = await answerOnDemand(request, { object, generation });
    return healed.status === 503 ? answer : healed;
  }

  /** What is damaged is "not now", never "not listed": the agent goes on to its next source and comes back. */
  function broken(request: DeliveryRequest, of: { sha256: string; path: string; generation: number }, error: unknown) {
    if (!isRelayError(error) || error.fault !== 'storage') throw error;
    tellBroken(events, of.sha256, error);
    return refused(request, new RelayError('RLY_OBJECT_BROKEN', { path: of.path }, { cause: error }), of.generation);
  }

  return {
    answer(request) {
      const current = generations.current();
      // Before anything is looked up, so that not even a moment more tells which domains there are.
      const shut = domainGuard(request);
      if (shut) return refused(request, shut, current?.number ?? 0);
      // Whatever an index may list, these paths are what the configuration makes of them.
      const target = pullThrough.find(request.path);
      if (target) return answerPulled(request, target, current?.number ?? 0);

      const path = pathInTree(request.path);
      if (path === undefined) return notListed(request, current?.number ?? 0);
      if (!current) return refused(request, new RelayError('RLY_NOT_READY', {}), 0);

      if (path === INDEX) return answerIndex(request, current);
      return answerPath(request, path, ownOf(request, current));
    },
    generation: () => generations.current()?.number ?? 0,
    generationOf(address) {
      const current = generations.current();
      return current && ownOf({ address, connection: {} }, current);
    },
    fillOf: (object) => onDemand.fillOf(object),
    pinnedGenerations: () => sticky.pinnedGenerations(),
  };
}

/** A fill as its object is answered in a generation; there are few, and they are large. */
function representationOf(
  { path, kind, component, sha256, size }: GenerationObject,
  generation: number,
): Representation {
  return createRepresentation({ path, kind, component, generation, content: { sha256, size } });
}

/** The object that has this content in a generation, on disk from the start, since it was asked for, or for another generation. */
function objectIn(
  { objects, onDemand }: Generation,
  { path, content: { sha256 } }: Representation,
  fills: readonly GenerationObject[],
): GenerationObject | OnDemandObject | undefined {
  const here = [...objects, ...fills].find((object) => object.path === path && object.sha256 === sha256);
  return here ?? onDemand.find((object) => object.path === path);
}

function notListed(request: DeliveryRequest, generation: number): Answer {
  return refused(request, new RelayError('RLY_NOT_LISTED', { path: request.path }), generation);
}
