import { once } from 'node:events';
import t from 'tap';
import { createEvents } from '../../src/telemetry/events.ts';

t.test('every listener is told, in their order', async (t) => {
  const told: unknown[] = [];
  const events = createEvents([
    (name, fields) => told.push(['first', name, fields]),
    (name, fields) => told.push(['second', name, fields]),
  ]);
  events.emit('relay.stopping', { reason: 'SIGTERM' });
  t.strictSame(told, [
    ['first', 'relay.stopping', { reason: 'SIGTERM' }],
    ['second', 'relay.stopping', { reason: 'SIGTERM' }],
  ]);
});

t.test('a listener that throws breaks neither the one who tells nor the other listeners', async (t) => {
  for (const thrown of [new TypeError('a bug'), 'a bug']) {
    const told: string[] = [];
    const events = createEvents([
      () => {
        throw thrown;
      },
      (name) => told.push(name),
    ]);
    const warned = once(process, 'warning');
    t.doesNotThrow(() => events.emit('relay.stopped', {}));
    t.strictSame(told, ['relay.stopped']);
    t.match(await warned, [{ message: 'a bug' }], 'but it is said');
  }
});
