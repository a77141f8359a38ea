import { EventEmitter, once } from 'node:events';
import type { EventFields, EventName, Events } from '../../src/ports/events.ts';

/** Events that keep what they were told, for a test to look at or to wait for. */
export interface RecordedEvents extends Events {
  /** Everything so far, in order. */
  all(): readonly { readonly name: EventName; readonly fields: unknown }[];
  /** All of one name so far, in order. */
  of<N extends EventName>(name: N): readonly EventFields<N>[];
  /** The `count`th of one name, now or when it comes. */
  nth<N extends EventName>(name: N, count: number): Promise<EventFields<N>>;
}

export function recordedEvents(): RecordedEvents {
  const told: { readonly name: EventName; readonly fields: unknown }[] = [];
  const news = new EventEmitter();
  const of = <N extends EventName>(name: N) =>
    told.filter((event) => event.name === name).map((event) => event.fields as EventFields<N>);
  return {
    emit(name, fields) {
      told.push({ name, fields });
      news.emit('told');
    },
    all: () => told,
    of,
    async nth(name, count) {
      for (;;) {
        const found = of(name)[count - 1];
        if (found) return found;
        await once(news, 'told');
      }
    },
  };
}
