import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { ServerSection } from '../manifest/server-section.ts';
import type { Clock } from '../ports/clock.ts';
import type { Events } from '../ports/events.ts';
import type { Generation } from '../ports/generation.ts';
import type { BlobReader, Store } from '../ports/store.ts';
import { INDEX, pathInTree } from './agent-path.ts';
import type { Answer, Part } from './answer.ts';
import { tellBroken } from './broken-blob.ts';
import { createContents } from './contents.ts';
import { createGenerationTable, type GenerationTable } from './generation-table.ts';
import { planAnswer, type ContentRequest } from './plan.ts';
import { refusal } from './refusal.ts';
import type { Representation } from './representation.ts';
import { searchOrder } from './search-order.ts';
import { createSticky, type Asker } from './sticky.ts';

/** One request that has passed the gate. */
export interface DeliveryRequest extends ContentRequest, Asker {
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
  /** Generations that agents may still be working from: the collector keeps them. */
  pinnedGenerations(): ReadonlySet<number>;
}

export interface DeliveryOptions {
  readonly store: Pick<Store, 'generations'> & { readonly blobs: Pick<Store['blobs'], 'open' | 'read'> };
  readonly clock: Clock;
  readonly events: Events;
  readonly serverSection: ServerSection;
  /** Bytes of small objects kept in memory. */
  readonly memory: number;
}

/** Turns requests into answers: path → generation → object → status, fields, bytes. */
export function createDelivery({ store, clock, events, serverSection, memory }: DeliveryOptions): Delivery {
  const { blobs, generations } = store;
  const contents = createContents(blobs, memory);
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

  function find(path: string, own: Generation): Representation | undefined {
    for (const generation of searchOrder(own, generations.list())) {
      const found = tableOf(generation).find(path);
      if (found) return found;
    }
    return undefined;
  }

  async function answerIndex(request: DeliveryRequest, current: Generation): Promise<Answer> {
    try {
      const { representation, bytes } = await tableOf(current).index();
      const heeded = mayBeContinued(current) ? request : withoutBlindRange(request);
      if (request.method === 'GET') sticky.indexRead(request, current.number);
      return answerWith(heeded, representation, () => bytes);
    } catch (error) {
      return broken(request, { ...current.index, path: INDEX, generation: current.number }, error);
    }
  }

  /** Whether no agent can still hold the beginning of an older index: two halves of two moments would pass for an index. */
  function mayBeContinued(current: Generation): boolean {
    return [...sticky.pinnedGenerations()].every((generation) => generation === current.number);
  }

  function answerObject(request: DeliveryRequest, of: Representation): Answer | Promise<Answer> {
    const answer = answerWith(request, of, () => contents.get(of.content));
    if (!(answer instanceof Promise)) return answer;
    return answer.catch((error: unknown) =>
      broken(request, { ...of.content, path: of.path, generation: of.generation }, error),
    );
  }

  /** What is damaged is "not now", never "not listed": the agent goes on to its next source and comes back. */
  function broken(request: DeliveryRequest, of: { sha256: string; path: string; generation: number }, error: unknown) {
    if (!isRelayError(error) || error.fault !== 'storage') throw error;
    tellBroken(events, of.sha256, error);
    return refused(request, new RelayError('RLY_OBJECT_BROKEN', { path: of.path }, { cause: error }), of.generation);
  }

  return {
    answer(request) {
      const path = pathInTree(request.path);
      const current = generations.current();
      if (path === undefined) return notListed(request, current?.number ?? 0);
      if (!current) return refused(request, new RelayError('RLY_NOT_READY', {}), 0);

      if (path === INDEX) return answerIndex(request, current);
      const own = ownOf(request, current);
      const found = find(path, own);
      return found ? answerObject(request, found) : notListed(request, own.number);
    },
    generation: () => generations.current()?.number ?? 0,
    generationOf(address) {
      const current = generations.current();
      return current && ownOf({ address, connection: {} }, current);
    },
    pinnedGenerations: () => sticky.pinnedGenerations(),
  };
}

/** Without a Range field that no If-Range binds to one content. */
function withoutBlindRange(request: DeliveryRequest): DeliveryRequest {
  const { range: _, ...headers } = request.headers;
  return headers['if-range'] === undefined ? { ...request, headers } : request;
}

function notListed(request: DeliveryRequest, generation: number): Answer {
  return refused(request, new RelayError('RLY_NOT_LISTED', { path: request.path }), generation);
}

function refused(
  request: DeliveryRequest,
  error: RelayError,
  generation: number,
  more: Answer['headers'] = {},
): Answer {
  const { status, headers, body } = refusal(error, request.id);
  const all = { ...headers, 'X-Relay-Generation': String(generation), ...more };
  return { status, headers: all, body, kind: 'none', cache: 'none', generation };
}

/** Plans, then fetches the content if the plan needs any. */
function answerWith(
  request: DeliveryRequest,
  of: Representation,
  content: () => Buffer | Promise<Buffer | BlobReader>,
): Answer | Promise<Answer> {
  const { path, kind, generation } = of;
  const plan = planAnswer(of, request);
  if (plan.status === 412) return refused(request, new RelayError('RLY_PRECONDITION_FAILED', { path }), generation);
  if (plan.status === 416) {
    const error = new RelayError('RLY_RANGE_NOT_SATISFIABLE', { path, range: plan.range, size: of.content.size });
    return refused(request, error, generation, { 'Content-Range': plan.contentRange });
  }
  const { status, headers, parts } = plan;
  const answer = { status, headers, body: null, kind, cache: 'hit', generation } as const;
  if (!parts) return answer;
  const source = content();
  if (!(source instanceof Promise)) return { ...answer, body: bodyOf(source, parts) };
  return source.then((opened) => ({ ...answer, body: bodyOf(opened, parts) }));
}

function bodyOf(source: Buffer | BlobReader, parts: readonly Part[]): Answer['body'] {
  if (!Buffer.isBuffer(source)) return { reader: source, parts };
  const pieces = parts.map((part) => (Buffer.isBuffer(part) ? part : source.subarray(part.start, part.end)));
  const [only, ...more] = pieces;
  return only && more.length === 0 ? only : Buffer.concat(pieces);
}
