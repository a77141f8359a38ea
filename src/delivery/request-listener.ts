import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isRelayError, RelayError } from '../errors/relay-error.ts';
import type { Events } from '../ports/events.ts';
import { cameBy } from '../ports/via.ts';
import type { Answer } from './answer.ts';
import type { Delivery } from './delivery.ts';
import type { Downloads } from './downloads.ts';
import type { Gate, Passage } from './gate.ts';
import { identityOf } from './identity.ts';
import { createInTurn } from './in-turn.ts';
import { hadLast, isLast } from './last-answer.ts';
import { createSendAnswer, type Sent } from './send-answer.ts';
import { shownPath } from './shown-path.ts';

export interface RequestListenerOptions {
  readonly gate: Gate<'GET' | 'HEAD'>;
  /** Under which this relay sends its own requests: one of them here is a loop. */
  readonly pseudonym: string;
  readonly delivery: Pick<Delivery, 'answer'>;
  readonly downloads: Downloads;
  readonly events: Events;
  /** Names a request, for the bodies of errors. */
  readonly nextId: () => string;
}

type AgentPassage = Passage<'GET' | 'HEAD'>;

/** Answers a request with an error. */
export type Refuse = (request: IncomingMessage, response: ServerResponse, error: unknown) => void;

export interface AgentsListener {
  readonly listener: RequestListener;
  /** From now on each answer is the last of its connection. */
  closing(): void;
  /** Resolves when no answer is under way any more: what it read from is closed, and its event is told. */
  answered(): Promise<void>;
}

/**
 * Answers requests of agents, straight from Node's server. The gate judges each of them once; what passes is the delivery's, and
 * everything else, bugs included, is for `refuse`. An answer that is at hand and that the kernel takes at once is over when the
 * listener returns, without a promise: that is most of a branch's day (docs/adr/0010-hits-past-fastify.md).
 */
export function createRequestListener(options: RequestListenerOptions, refuse: Refuse): AgentsListener {
  const { gate, pseudonym, delivery, downloads, events, nextId } = options;
  const send = createSendAnswer(events);
  const inTurn = createInTurn();
  const underWay = new Set<Promise<void>>();
  let last = false;

  function admit(request: IncomingMessage, response: ServerResponse): AgentPassage | RelayError {
    const { httpVersion, method = '', url = '', rawHeaders, socket } = request;
    const { remoteAddress } = socket;
    const verdict = gate({ httpVersion, method, url, rawHeaders, remoteAddress, identity: identityOf(socket) });
    if (isRelayError(verdict)) {
      isLast(socket);
      response.setHeader('Connection', 'close');
    } else if (verdict.fields.via !== undefined && cameBy(verdict.fields.via, pseudonym)) {
      return new RelayError('RLY_LOOP', {});
    }
    return verdict;
  }

  function answer(request: IncomingMessage, response: ServerResponse, passage: AgentPassage): void | Promise<void> {
    const { method, path, address, fields: headers, secure, certificate, forwarded } = passage;
    // What a proxy brings is not of one agent, so its connection stands for none.
    const connection = forwarded ? {} : request.socket;
    const id = nextId();
    try {
      const given = delivery.answer({ id, method, path, headers, address, connection, secure, certificate });
      const written =
        given instanceof Promise
          ? given.then((come) => write(response, passage, id, come))
          : write(response, passage, id, given);
      return written instanceof Promise ? written.catch((error: unknown) => fail(request, response, error)) : written;
    } catch (error) {
      return fail(request, response, error);
    }
  }

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (!response.headersSent) return refuse(request, response, error);
    // Cut, not ended: the client must not take it for the whole.
    response.destroy();
    events.emit('error.internal', { error: error instanceof Error ? (error.stack ?? String(error)) : String(error) });
  }

  function write(response: ServerResponse, passage: AgentPassage, id: string, offered: Answer): void | Promise<void> {
    if (last) response.setHeader('Connection', 'close');
    const { answer: given, leave } = downloads.admit(passage.address, id, offered);
    return leave
      ? Promise.try(() => deliver(response, passage, given)).finally(leave)
      : deliver(response, passage, given);
  }

  function deliver(response: ServerResponse, passage: AgentPassage, given: Answer): void | Promise<void> {
    const sent = send(response, given);
    return sent instanceof Promise ? sent.then((how) => tell(passage, given, how)) : tell(passage, given, sent);
  }

  function tell({ address, method, path }: AgentPassage, given: Answer, { bytes, length }: Sent): void {
    const { status, kind, cache, generation } = given;
    events.emit('agent.answered', {
      address,
      method,
      path: shownPath(path),
      status,
      bytes,
      length,
      kind,
      cache,
      generation,
    });
  }

  return {
    listener(request, response) {
      if (hadLast(request.socket)) return;
      const passage = admit(request, response);
      if (isRelayError(passage)) return refuse(request, response, passage);
      const answering = inTurn(request.socket, () => answer(request, response, passage));
      if (!(answering instanceof Promise)) return;
      underWay.add(answering);
      void answering.finally(() => underWay.delete(answering));
    },
    closing() {
      last = true;
    },
    async answered() {
      await Promise.allSettled(underWay);
    },
  };
}
