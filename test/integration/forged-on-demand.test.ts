import t from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { forgedRelease } from '../support/forged-release.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { rawRequest } from '../support/raw-request.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';
import { trimmedRelease } from '../support/trimmed-release.ts';

const release = trimmedRelease(createCatalogue({ shape: 'small', scale: 0.01 }).release(1), ['P.4', 'E.10']);
const pattern = [...release.files.values()].find(({ kind }) => kind === 'pattern')?.path ?? '';

t.test('what came on demand, was let go and comes again with other bytes never reaches an agent whole', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env = { ...(await relayEnv(t, lab.url)), RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '0B' };
  let ahead = 0;
  const relay = await relayFor(t, env, { clock: { ...systemClock, now: () => Date.now() + ahead } });
  await relay.mirror.update('administrator');
  const ask = () => rawRequest(`${relay.agentsUrl}/activeupdate/${pattern}`);
  const right = await release.file(pattern);

  t.ok((await ask()).body.equals(right));
  t.equal(relay.store.fills.list().length, 1);
  await relay.store.fills.retain(() => false);
  await relay.store.collect(new Set());

  lab.publish(await forgedRelease(release, pattern));
  const { body } = await ask();
  t.ok(body.length < right.length, `${body.length} of ${right.length} bytes left`);
  t.match(relay.events.of('source.suspect'), [
    { source: lab.componentsUrl, code: 'RLY_UPSTREAM_EQUIVOCATION', error: new RegExp(pattern) },
  ]);
  t.strictSame(relay.store.fills.list(), [], 'and is not kept');

  await relay.events.nth('flight.failed', 1);
  lab.publish(release);
  // The source is not asked for this object again at once.
  ahead = 10 * 60_000;
  t.ok((await ask()).body.equals(right), 'the right one comes as ever');
});
