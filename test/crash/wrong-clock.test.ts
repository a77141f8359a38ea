import { join } from 'node:path';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../storage/store-folder.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { wrongClock, wrongClockRefused } from '../support/wrong-clock.ts';

const TWO_YEARS = 730;

for (const [name, days] of [
  ['ahead', TWO_YEARS],
  ['back', -TWO_YEARS],
] as const) {
  t.test(`a clock that was two years ${name}, and is set right`, { skip: wrongClockRefused() }, async (t) => {
    const office = await branchOffice(t, { seed: 'clock', shape: 'small' });
    const { settings, ahead } = wrongClock(join(temporaryFolder(t), 'clock'));
    ahead(days);
    const first = await startInTime(t, office, `two years ${name}`, { settings });
    const { time } = await first.logged('update.published');
    const off = (Date.parse(String(time)) - Date.now()) / 86_400_000;
    t.ok(Math.abs(off - days) < 1, `the relay goes by that clock: ${off} days`);
    await first.stop();

    const relay = await startInTime(t, office, 'the clock is right again', { settings: {} });
    await assertTold(t, relay.adminUrl);
    await assertInvariants(t, office, relay, { name: 'at rest', release: 1 });
    await relay.stop();
  });
}

t.test('a clock that jumps two years under a relay, to and fro', { skip: wrongClockRefused() }, async (t) => {
  const office = await branchOffice(t, { seed: 'jump', shape: 'small' });
  const { settings, ahead } = wrongClock(join(temporaryFolder(t), 'clock'));
  const relay = await startInTime(t, office, 'the first', { settings });
  await relay.logged('update.published');
  for (const days of [TWO_YEARS, -TWO_YEARS, 0]) {
    ahead(days);
    const { number } = office.release;
    await assertTold(t, relay.adminUrl);
    await assertInvariants(t, office, relay, { name: `${days} days ahead`, release: number });
  }
  t.match(await relay.stop(), { code: 0, stderr: '' });
});

/** No age is negative, and none is two years for what came a moment ago but by the clock alone. */
async function assertTold(t: Test, adminUrl: string): Promise<void> {
  const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
  const [, age] = /^relay_generation_age_seconds (\S+)$/m.exec(metrics) ?? [];
  t.ok(Number(age) >= 0, `the generation is ${age} s old`);
}
