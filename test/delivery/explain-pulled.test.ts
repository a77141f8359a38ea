import t from 'tap';
import { Value } from 'typebox/value';
import { explainPulled, pulledExplanationSchema } from '../../src/delivery/explain-pulled.ts';
import type { PulledFacts, PullTarget } from '../../src/ports/pull-through.ts';

const facts: PulledFacts = {
  path: 'hotfix_pccnt/Common/Setup.exe',
  size: 7,
  sha256: 'a'.repeat(64),
  proof: 'size',
  source: 'https://osce.example.com/officescan',
  fetchedAt: '2026-11-20T12:00:00.000Z',
  checkedAt: '2026-11-25T12:00:00.000Z',
  freshUntil: '2026-11-26T12:00:00.000Z',
  staleUntil: '2026-12-03T12:00:00.000Z',
};

function target(known: PulledFacts | null, more: Partial<PullTarget> = {}): PullTarget {
  return {
    kind: 'hotfix',
    shown: 'hotfix_pccnt/Common/Setup.exe',
    get: () => Promise.reject(new Error('nobody asks')),
    lost: async () => {},
    contentOf: () => undefined,
    hasChanged: () => false,
    facts: () => known,
    ...more,
  };
}

t.test('what is here, from where, and until when', async (t) => {
  for (const [now, state] of [
    ['2026-11-26T11:59:59.999Z', 'fresh'],
    ['2026-11-26T12:00:00.000Z', 'stale'],
    ['2026-12-03T11:59:59.999Z', 'stale'],
    ['2026-12-03T12:00:00.000Z', 'expired'],
  ] as const) {
    const explained = explainPulled(target(facts), Date.parse(now));
    t.strictSame(explained, { kind: 'hotfix', state, ...facts });
    t.ok(Value.Check(pulledExplanationSchema, explained));
  }
});

t.test('what is not here, and what is private', async (t) => {
  const absent = explainPulled(target(null), 0);
  t.match(absent, { path: 'hotfix_pccnt/Common/Setup.exe', state: 'absent', size: null, sha256: null });
  t.ok(Value.Check(pulledExplanationSchema, absent));
  const secret = explainPulled(target(facts, { kind: 'domain-settings', shown: '(domain settings)' }), 0);
  t.match(secret, { path: '(domain settings)', kind: 'domain-settings', state: 'private', size: null, source: null });
  t.notMatch(JSON.stringify(secret), /aaaa|2026|osce/, 'whatever the target may say');
  t.ok(Value.Check(pulledExplanationSchema, secret));
});
