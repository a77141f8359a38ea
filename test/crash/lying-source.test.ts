import t from 'tap';
import type { Fault } from '../../src/lab/faults.ts';
import { largestFile } from '../support/agents-view.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { LONG } from './rounds.ts';

interface Lie {
  readonly fault: Fault;
  /** The index; else the largest object. */
  readonly index?: true;
  /** How the update is refused. */
  readonly says: RegExp;
  /** Takes minutes, as it does in the field. */
  readonly long?: true;
}

// More of them, faster and in one process: test/integration/lying-upstream.test.ts.
const LIES: Record<string, Lie> = {
  'answers HTML for its index': { fault: { kind: 'portal' }, index: true, says: /not a server\.ini/ },
  'answers HTML for an object': { fault: { kind: 'portal' }, says: /expected \d+ bytes/ },
  'lies about the length of an object': { fault: { kind: 'lyingLength', by: 10 }, says: /expected \d+ bytes/ },
  'sends an object with a bit flipped': { fault: { kind: 'wrongBytes' }, says: /CRC-32/ },
  'resets its connections': { fault: { kind: 'reset', after: 1000 }, says: /was cut/ },
  'falls silent': { fault: { kind: 'silent', after: 1000 }, says: /sent nothing|too slow|for 30 s/, long: true },
  drips: { fault: { kind: 'slow', bytesPerSecond: 40 }, says: /too slow/, long: true },
};

t.setTimeout(LONG ? 1_200_000 : 900_000);

t.test('a source that lies, and then does not', async (t) => {
  const office = await branchOffice(t, { seed: 'lies', shape: 'small', scale: 0.002 });
  const relay = await startInTime(t, office, 'the first');
  await relay.logged('update.published');
  t.strictSame(await office.view(relay), { release: 1, wrong: [] }, 'what comes on demand is here too');
  for (const [what, { fault, index, says, long }] of Object.entries(LIES)) {
    await t.test(`it ${what}`, { skip: long === true && !LONG && 'takes minutes: npm run drills' }, async (t) => {
      const { number } = office.release;
      office.publishNext();
      const honest = office.lab.faults.on({ ...fault, match: index ? 'server.ini' : largestFile(office.release).path });
      const failed = relay.log.filter(({ event }) => event === 'update.failed').length;
      await office.update(relay);
      const line = await relay.logged('update.failed', failed + 1, LONG ? 600_000 : undefined);
      t.match(line, { error: says });
      t.strictSame(await office.view(relay), { release: number, wrong: [] }, 'agents get the release before');
      honest();
      await office.update(relay);
      await relay.logged('update.published', relay.log.filter(({ event }) => event === 'update.published').length + 1);
      const said = { event: 'update.failed', error: says } as const;
      await assertInvariants(t, office, relay, { name: 'an honest source', release: number + 1, said });
    });
  }
  t.match(await relay.stop(), { code: 0, stderr: '' });
});
