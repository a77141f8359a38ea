import t from 'tap';
import { createMetrics, type MetricsView } from '../../src/telemetry/metrics.ts';
import { type Exposition, parseExposition } from '../support/exposition.ts';

const NOTHING: MetricsView = {
  generation: null,
  confirmedAt: null,
  storageBytes: 0,
  lastWalkAt: null,
  upstream: [],
  connections: {},
  certificates: [],
};
const NOW = Date.UTC(2026, 0, 5, 12);

async function rendered(metrics: ReturnType<typeof createMetrics>, view: MetricsView): Promise<Exposition> {
  return parseExposition((await metrics.render(view)).text);
}

t.test('updates are counted by what they came to; other events are not updates', async (t) => {
  const metrics = createMetrics(() => NOW);
  metrics.listener('update.started', { source: 's', trigger: 'schedule' });
  metrics.listener('update.unchanged', { source: 's' });
  metrics.listener('update.failed', { generation: null, error: 'e' });
  metrics.listener('update.failed', { generation: null, error: 'e' });
  metrics.listener('update.published', { generation: 1, objects: 1, bytes: 1, seconds: 1 });
  const { value } = await rendered(metrics, NOTHING);
  t.equal(value('relay_update_total', { result: 'unchanged' }), 1);
  t.equal(value('relay_update_total', { result: 'failed' }), 2);
  t.equal(value('relay_update_total', { result: 'published' }), 1);
});

t.test('alarms are counted by their error, and are all there before the first', async (t) => {
  const metrics = createMetrics(() => NOW);
  const alarm = { source: 's', code: 'RLY_UPDATE_OLDER', error: 'e' };
  const count = async (error: string) => (await rendered(metrics, NOTHING)).value('relay_alarms_total', { error });
  t.equal(await count('RLY_UPDATE_SHRUNK'), 0);
  t.equal(await count('RLY_UPSTREAM_EQUIVOCATION'), 0);
  metrics.listener('source.suspect', alarm);
  metrics.listener('source.allowed', { ...alarm, reason: 'r' });
  t.equal(await count('RLY_UPDATE_OLDER'), 1);
});

t.test('an answer counts once, and with the bytes that were sent, not those that were announced', async (t) => {
  const metrics = createMetrics(() => NOW);
  const answer = {
    address: '10.0.0.1',
    method: 'GET',
    path: '/',
    kind: 'pattern',
    cache: 'hit',
    generation: 1,
  } as const;
  metrics.listener('agent.answered', { ...answer, status: 200, bytes: 10, length: 100 });
  metrics.listener('agent.answered', { ...answer, status: 206, bytes: 5, length: 5 });
  const { value } = await rendered(metrics, NOTHING);
  t.equal(value('relay_agent_bytes_total', { kind: 'pattern', cache: 'hit' }), 15);
  t.equal(value('relay_requests_total', { status: '200', kind: 'pattern' }), 1);
  t.equal(value('relay_requests_total', { status: '206', kind: 'pattern' }), 1);
});

t.test('the age of the index is another one: since its origin last had it', async (t) => {
  const metrics = createMetrics(() => NOW);
  const { value } = await rendered(metrics, { ...NOTHING, confirmedAt: NOW - 1_500 });
  t.equal(value('relay_index_age_seconds'), 1.5);
  t.equal((await rendered(metrics, { ...NOTHING, confirmedAt: NOW + 1 })).value('relay_index_age_seconds'), 0);
  t.equal((await rendered(metrics, NOTHING)).value('relay_index_age_seconds'), undefined);
});

t.test('gauges show the moment of the scrape; a generation that goes takes its age with it', async (t) => {
  let now = NOW;
  const metrics = createMetrics(() => now);
  const generation = { number: 7, publishedAt: new Date(NOW).toISOString() };
  now += 90_000;
  const first = await rendered(metrics, { ...NOTHING, generation, storageBytes: 1234 });
  t.equal(first.value('relay_generation'), 7);
  t.equal(first.value('relay_generation_age_seconds'), 90);
  t.equal(first.value('relay_storage_bytes'), 1234);

  now = NOW - 60_000;
  const setBack = await rendered(metrics, { ...NOTHING, generation });
  t.equal(setBack.value('relay_generation_age_seconds'), 0, 'no generation is from the future');

  const gone = await rendered(metrics, NOTHING);
  t.equal(gone.value('relay_generation_age_seconds'), undefined);
});

t.test('upstream bytes are those of the view, each source with its name as it is', async (t) => {
  const metrics = createMetrics(() => NOW);
  const source = 'http://h/a"b\\c\nd';
  const view = (bytes: number): MetricsView => ({ ...NOTHING, upstream: [{ source, kind: 'components', bytes }] });
  await rendered(metrics, view(10));
  const { samples } = await rendered(metrics, view(25));
  t.strictSame(
    samples.filter(({ name }) => name === 'relay_upstream_bytes_total'),
    [{ name: 'relay_upstream_bytes_total', labels: { source, kind: 'components' }, value: 25 }],
  );
});

t.test('two relays of one process count apart', async (t) => {
  const [one, other] = [createMetrics(() => NOW), createMetrics(() => NOW)];
  one.listener('update.unchanged', { source: 's' });
  t.equal((await rendered(other, NOTHING)).value('relay_update_total', { result: 'unchanged' }), 0);
});

t.test('connections, those that were ended, tokens that were wrong, and how long certificates are valid', async (t) => {
  const metrics = createMetrics(() => NOW);
  metrics.listener('connections.ended', { listener: 'agents', count: 3, reason: 'it read too slowly', address: 'a' });
  metrics.listener('connections.ended', { listener: 'agents', count: 1, reason: 'it read too slowly', address: 'b' });
  metrics.listener('admin.unauthorized', { address: '127.0.0.1' });
  const certificates = [
    { key: 'agents.tls.cert', expiresAt: NOW + 5_000 },
    { key: 'sources.reach[0].ca', expiresAt: NOW - 1_000 },
  ];
  const first = await rendered(metrics, { ...NOTHING, connections: { agents: 7, admin: 1 }, certificates });
  t.equal(first.value('relay_connections', { listener: 'agents' }), 7);
  t.equal(first.value('relay_connections_ended_total', { listener: 'agents', reason: 'it read too slowly' }), 4);
  t.equal(first.value('relay_admin_unauthorized_total'), 1);
  t.equal(first.value('relay_certificate_expiry_seconds', { key: 'agents.tls.cert' }), 5);
  t.equal(first.value('relay_certificate_expiry_seconds', { key: 'sources.reach[0].ca' }), -1);
  const later = await rendered(metrics, NOTHING);
  t.equal(later.value('relay_certificate_expiry_seconds', { key: 'agents.tls.cert' }), undefined, 'no longer named');
});
