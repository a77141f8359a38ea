import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { largestFile } from '../support/agents-view.ts';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { crowd } from '../support/crowd.ts';
import { eventually } from '../support/eventually.ts';
import type { RelayProcess } from '../support/relay-process.ts';

/** Milliseconds from SIGTERM to the end (docs/security.md, "Failure drills"). */
const GONE_WITHIN = 30_000;

async function stopsInTime(t: Test, relay: RelayProcess): Promise<void> {
  const askedAt = performance.now();
  t.match(await relay.stop(), { code: 0, signal: null, stderr: '' });
  const took = performance.now() - askedAt;
  t.ok(took < GONE_WITHIN * crowd(), `gone within ${GONE_WITHIN} ms, and not after ${Math.round(took)}`);
  t.equal(relay.log.at(-1)?.event, 'relay.stopped');
}

t.test('SIGTERM ends a relay in the middle of an update, and the next one goes on from there', async (t) => {
  const office = await branchOffice(t, { seed: 'SIGTERM' });
  const { path } = largestFile(office.release);
  office.lab.faults.on({ kind: 'slow', match: path, bytesPerSecond: 4000 });
  const relay = await office.startRelay();
  await relay.logged('object.fetched', 40);
  await stopsInTime(t, relay);
  office.lab.faults.clear();
  const next = await office.startRelay();
  const reused = Number((await next.logged('update.planned'))['reused']);
  t.ok(reused >= 40, `${reused} objects are here already`);
  await next.logged('update.published');
  await assertInvariants(t, office, next, { name: 'after SIGTERM', release: 1 });
});

t.test('SIGTERM ends a relay whose source has fallen silent in the middle of an object', async (t) => {
  const office = await branchOffice(t, { seed: 'silent', shape: 'small' });
  const { path } = largestFile(office.release);
  office.lab.faults.on({ kind: 'silent', match: path, after: 1000 });
  const relay = await office.startRelay();
  await eventually('the silence', () => office.lab.requests.some((it) => it.path === path && it.bytes === 1000));
  await stopsInTime(t, relay);
  office.lab.faults.clear();
  const next = await startInTime(t, office, 'the next');
  await next.logged('update.published');
  await assertInvariants(t, office, next, { name: 'after the silence', release: 1 });
});

t.test('SIGTERM ends a relay with an agent that stalls: cut, never short', async (t) => {
  // More than the kernel holds on a connection that nobody reads from.
  const office = await branchOffice(t, { seed: 'stalled', shape: 'small', scale: 0.25 });
  const relay = await office.startRelay();
  await relay.logged('update.published');
  const { path, size } = largestFile(office.release);
  const agent = await stalledAgent(relay, path);
  await stopsInTime(t, relay);
  let received = 0;
  agent.on('data', (chunk) => {
    received += chunk.length;
  });
  const cut = once(agent, 'close');
  agent.resume();
  await cut.catch(() => {});
  t.ok(received > 0 && received < size, `${received} of ${size} bytes`);
});

/** Asks for an object and stops reading as soon as it begins to come. */
async function stalledAgent({ agentsUrl }: RelayProcess, path: string): Promise<Socket> {
  const { hostname, port } = new URL(agentsUrl);
  const socket = connect(Number(port), hostname).setEncoding('latin1');
  socket.on('error', () => {});
  socket.write(`GET /activeupdate/${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}
