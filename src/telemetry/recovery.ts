import type { Events } from '../ports/events.ts';
import type { Store } from '../ports/store.ts';

/** Says what opening the store found and mended. */
export function tellRecovery({ recovery, generations }: Store, events: Events): void {
  const { pointerMended, generationsRefused, generationLacking, notesForgotten, unknown } = recovery;
  const { blobs, parts, temporariesSwept: swept } = recovery;
  if (pointerMended !== null) events.emit('store.pointer-mended', { reason: pointerMended });
  for (const { number, reason } of generationsRefused) events.emit('store.generation-refused', { number, reason });
  if (generationLacking !== null) events.emit('store.generation-lacking', generationLacking);
  if (notesForgotten !== null) events.emit('store.notes-forgotten', { reason: notesForgotten });
  for (const name of unknown) events.emit('store.unknown-file', { name });
  events.emit('store.recovered', { generations: generations.list().length, blobs, parts, swept });
}
