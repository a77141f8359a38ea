import { ok } from 'node:assert/strict';
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { type Lane, nextTurn, type TurnState, type Waiting } from '../../src/upstream/wan-turns.ts';

const NOW = 1_000_000;
const lane = fc.constantFrom<Lane>('urgent', 'small', 'large');
/** Ms before now; short and long waits meet. */
const ago = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 60_000 }));

const queues: fc.Arbitrary<readonly Waiting[]> = fc
  .array(fc.record({ lane, since: ago.map((ms) => NOW - ms) }), { minLength: 1, maxLength: 12 })
  .map((queue) => queue.sort((a, b) => a.since - b.since));
const states: fc.Arbitrary<TurnState> = fc.record({
  now: fc.constant(NOW),
  idle: fc.integer({ min: 0, max: 250 }),
  urgentPaidAt: fc.option(ago.map((ms) => NOW - ms)),
  overdueBefore: fc.boolean(),
});

const has = (queue: readonly Waiting[], sought: Lane): boolean => queue.some((waiting) => waiting.lane === sought);

function holds(check: (queue: readonly Waiting[], state: TurnState, turn: ReturnType<typeof nextTurn>) => boolean) {
  fc.assert(
    fc.property(queues, states, (queue, state) => ok(check(queue, state, nextTurn(queue, state)))),
    { numRuns: 2_000 },
  );
}

t.test('while something urgent waits, its turn it is; what has waited too long has every second one', async () => {
  holds((queue, { overdueBefore }, turn) => {
    if (!has(queue, 'urgent')) return true;
    if (!('next' in turn)) return false;
    return queue[turn.next]?.lane === 'urgent' || (turn.overdue && !overdueBefore);
  });
});

t.test('small before large, and first come, first served', async () => {
  holds((queue, _, turn) => {
    if (!('next' in turn) || turn.overdue) return true;
    const chosen = queue[turn.next];
    if (!chosen || (chosen.lane === 'large' && has(queue, 'small'))) return false;
    return queue.findIndex((waiting) => waiting.lane === chosen.lane) === turn.next;
  });
});

t.test('nobody waits longer than a second turn once it has waited too long', async () => {
  holds((queue, { overdueBefore, now }, turn) => {
    const limits = { urgent: Infinity, small: 5_000, large: 20_000 };
    const due = queue.findIndex((waiting) => now - waiting.since >= limits[waiting.lane]);
    if (due < 0) return !('next' in turn) || !turn.overdue;
    return overdueBefore || ('next' in turn && turn.next === due);
  });
});

t.test(
  'the line is kept free only just after an urgent piece, and not for longer than it can make up for',
  async () => {
    holds((queue, { now, urgentPaidAt, idle }, turn) => {
      if ('next' in turn) return true;
      const fresh = urgentPaidAt !== null && now - urgentPaidAt < 1_000;
      return fresh && !has(queue, 'urgent') && turn.wait > 0 && idle + turn.wait <= 101;
    });
  },
);
