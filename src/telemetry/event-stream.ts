import { EVENTS, type EventFields, type EventName } from '../ports/events.ts';
import { fill } from '../errors/relay-error.ts';
import type { EventListener } from './events.ts';

/** Events for those who come and go. */
export interface EventStream {
  readonly listener: EventListener;
  /** `told` gets each event from now on as a message of the format of server-sent events; the answer ends it. */
  subscribe(told: (message: string) => void): () => void;
}

/** A message is made once, however many get it, and not at all while nobody does. */
export function createEventStream(now: () => number): EventStream {
  const subscribers = new Set<(message: string) => void>();
  return {
    listener(name, fields) {
      if (subscribers.size === 0) return;
      const message = messageOf(name, fields, now());
      for (const told of subscribers) told(message);
    },
    subscribe(told) {
      subscribers.add(told);
      return () => void subscribers.delete(told);
    },
  };
}

/** `event:` and `data:` on a line each (HTML §9.2.6): JSON has no line breaks of its own. */
function messageOf<N extends EventName>(event: N, fields: EventFields<N>, at: number): string {
  const { level, message } = EVENTS[event];
  const data = JSON.stringify({
    time: new Date(at).toISOString(),
    level,
    event,
    ...fields,
    msg: fill(message, fields),
  });
  return `event: ${event}\ndata: ${data}\n\n`;
}
