import t from 'tap';
import type { RecoveryReport } from '../../src/ports/store.ts';
import { tellRecovery } from '../../src/telemetry/recovery.ts';
import { recordedEvents } from '../support/recorded-events.ts';
import { stockedStore } from '../support/stocked-store.ts';

t.test('a store that was left in order has one line', async (t) => {
  const { store } = await stockedStore(t);
  const told: string[] = [];
  tellRecovery(store, { emit: (name) => void told.push(name) });
  t.strictSame(told, ['store.recovered']);
});

t.test('each thing that was found and mended is told, and the sum last', async (t) => {
  const { store, publish } = await stockedStore(t);
  await publish({ 'pattern/a.zip': 'a' });
  const recovery: RecoveryReport = {
    temporariesSwept: 3,
    pointerMended: 'it was empty',
    generationsRefused: [
      { number: 4, reason: 'its checksum is wrong' },
      { number: 2, reason: 'a blob is missing' },
    ],
    generationLacking: { number: 5, reason: 'it lacks a blob' },
    blobs: 9,
    parts: 1,
    notesForgotten: 'the file notes is a link',
    unknown: ['notes.txt', 'old'],
  };
  const events = recordedEvents();
  tellRecovery({ ...store, recovery }, events);
  t.strictSame(events.of('store.pointer-mended'), [{ reason: 'it was empty' }]);
  t.strictSame(events.of('store.generation-refused'), recovery.generationsRefused);
  t.strictSame(events.of('store.generation-lacking'), [recovery.generationLacking]);
  t.strictSame(events.of('store.notes-forgotten'), [{ reason: 'the file notes is a link' }]);
  t.strictSame(events.of('store.unknown-file'), [{ name: 'notes.txt' }, { name: 'old' }]);
  t.strictSame(events.of('store.recovered'), [{ generations: 1, blobs: 9, parts: 1, swept: 3 }]);
});
