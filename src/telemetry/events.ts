import type { EventFields, EventName, Events } from '../ports/events.ts';

/** Somebody who wants to know what happens: the log, the metrics, a test. */
export type EventListener = <N extends EventName>(name: N, fields: EventFields<N>) => void;

/** Hands each event to every listener, in their order. A listener that throws is a bug, and must not become a failed update. */
export function createEvents(listeners: readonly EventListener[]): Events {
  return {
    emit(name, fields) {
      for (const listener of listeners) {
        try {
          listener(name, fields);
        } catch (error) {
          process.emitWarning(error instanceof Error ? error : String(error));
        }
      }
    },
  };
}
