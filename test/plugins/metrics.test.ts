import t, { type Test } from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { type Exposition, parseExposition } from '../support/exposition.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from '../support/relay-for.ts';

const catalogue = createCatalogue({ shape: 'small' });

async function scrape(t: Test, { adminUrl }: TestRelay): Promise<Exposition> {
  const answer = await fetch(`${adminUrl}/metrics`);
  t.equal(answer.status, 200);
  t.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return parseExposition(await answer.text());
}

t.test('names and types are those of the contract', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer' });
  const { types } = await scrape(t, await relayFor(t, await relayEnv(t, lab.url)));
  t.strictSame(Object.fromEntries(types), {
    relay_upstream_bytes_total: 'counter',
    relay_agent_bytes_total: 'counter',
    relay_requests_total: 'counter',
    relay_update_total: 'counter',
    relay_generation: 'gauge',
    relay_generation_age_seconds: 'gauge',
    relay_index_age_seconds: 'gauge',
    relay_storage_bytes: 'gauge',
    relay_scrub_bytes_total: 'counter',
    relay_blobs_broken_total: 'counter',
    relay_scrub_age_seconds: 'gauge',
    relay_alarms_total: 'counter',
    relay_connections: 'gauge',
    relay_connections_ended_total: 'counter',
    relay_certificate_expiry_seconds: 'gauge',
    relay_admin_unauthorized_total: 'counter',
  });
});

t.test('bug: before the first generation its age was 0, as if it were fresh', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer' });
  const metrics = await scrape(t, await relayFor(t, await relayEnv(t, lab.url)));
  t.equal(metrics.value('relay_generation'), 0);
  t.equal(metrics.value('relay_generation_age_seconds'), undefined);
  t.equal(metrics.value('relay_storage_bytes'), 0);
  for (const result of ['published', 'unchanged', 'failed']) {
    t.type(metrics.value('relay_update_total', { result }), 'number', 'a rate needs a beginning');
  }
});

t.test('everything moves with what the relay does', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: catalogue.release(3) });
  const env = await relayEnv(t, lab.url);
  const relay = await relayFor(t, env);
  await relay.mirror.update('administrator');
  const upstreamBytes = (exposition: Awaited<ReturnType<typeof scrape>>) =>
    ['components', 'programs'].map((kind) =>
      Number(exposition.value('relay_upstream_bytes_total', { source: lab.componentsUrl, kind })),
    );

  const first = await scrape(t, relay);
  t.equal(first.value('relay_generation'), 1);
  t.ok(Number(first.value('relay_generation_age_seconds')) < 60);
  t.equal(first.value('relay_storage_bytes'), relay.store.usage().bytes);
  t.equal(first.value('relay_update_total', { result: 'published' }), 1);
  const packages = lab.requests.filter(({ path }) => /product/i.test(path)).reduce((sum, { bytes }) => sum + bytes, 0);
  t.strictSame(upstreamBytes(first), [lab.bytesSent - packages, packages], 'by kind of item, to the byte');
  t.ok(packages > 0);
  t.equal(first.value('relay_requests_total', { status: '200', kind: 'index' }), undefined);

  const base = `${relay.agentsUrl}/activeupdate`;
  const index = await (await fetch(`${base}/server.ini`)).arrayBuffer();
  const pattern = await (await fetch(`${base}/pattern/vsapi989.zip`)).arrayBuffer();
  await (await fetch(`${base}/pattern/vsapi989.zip`)).arrayBuffer();
  await (await fetch(`${base}/pattern/nothing.zip`)).arrayBuffer();
  await relay.events.nth('agent.answered', 4);
  lab.publish(catalogue.release(4));
  await relay.mirror.update('administrator');
  await relay.mirror.update('administrator');

  t.equal(first.value('relay_scrub_age_seconds'), undefined, 'no walk yet');
  await relay.scrubber.walkNow();

  const second = await scrape(t, relay);
  t.equal(second.value('relay_scrub_bytes_total'), relay.store.usage().bytes);
  t.equal(second.value('relay_blobs_broken_total'), 0);
  t.ok(Number(second.value('relay_scrub_age_seconds')) < 60);
  t.equal(second.value('relay_requests_total', { status: '200', kind: 'index' }), 1);
  t.equal(second.value('relay_requests_total', { status: '200', kind: 'pattern' }), 2);
  t.equal(second.value('relay_requests_total', { status: '404', kind: 'none' }), 1);
  t.equal(second.value('relay_agent_bytes_total', { kind: 'index', cache: 'hit' }), index.byteLength);
  t.equal(second.value('relay_agent_bytes_total', { kind: 'pattern', cache: 'hit' }), 2 * pattern.byteLength);
  t.equal(second.value('relay_generation'), 2);
  t.equal(second.value('relay_update_total', { result: 'published' }), 2);
  t.equal(second.value('relay_update_total', { result: 'unchanged' }), 1);
  t.equal(second.value('relay_update_total', { result: 'failed' }), 0);
  t.equal(
    upstreamBytes(second).reduce((sum, bytes) => sum + bytes, 0),
    lab.bytesSent,
  );
});
