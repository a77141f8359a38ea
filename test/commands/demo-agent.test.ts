import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { createDemoAgent } from '../../src/commands/demo/demo-agent.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { labServerFor } from '../support/lab-server-for.ts';

const catalogue = createCatalogue({ shape: 'small' });
const released = [catalogue.release(3)];
const never = new AbortController().signal;

/** A new agent below an update source that has release 3. */
async function agentBelow(t: Test) {
  const source = await labServerFor(t, { kind: 'activeUpdate', ...(released[0] && { release: released[0] }) });
  const agent = createDemoAgent({
    name: 'agent-1',
    address: '127.0.0.11',
    source: source.componentsUrl,
    have: new Map(),
  });
  t.teardown(() => agent.close());
  return { agent, source };
}

t.test('an agent of the demo is proven right byte for byte', async (t) => {
  const { agent, source } = await agentBelow(t);
  t.equal(await agent.update(released, never), true);
  t.match(agent.view, {
    state: 'updated',
    release: 3,
    full: 9,
    incremental: 0,
    received: source.bytesSent,
    error: null,
  });
});

t.test('a byte that is wrong is found', async (t) => {
  const cases: [string, (lab: LabServer) => void, string][] = [
    [
      'of an object',
      (lab) => lab.faults.on({ kind: 'wrongBytes', match: 'pattern/packbad.zip' }),
      'pattern/packbad.zip',
    ],
    [
      'of a signature',
      (lab) => lab.faults.on({ kind: 'wrongBytes', match: 'engine/ntkd12600.sig' }),
      'engine/ntkd12600.sig',
    ],
    [
      'of a signature that is missing',
      (lab) => lab.faults.on({ kind: 'status', status: 404, match: 'engine/ntkd12600.sig' }),
      'engine/ntkd12600.sig',
    ],
  ];
  for (const [name, damage, path] of cases) {
    const { agent, source } = await agentBelow(t);
    damage(source);
    await agent.update(released, never);
    t.match(agent.view, { state: 'wrong bytes', error: path }, name);
  }
});

t.test('bug: all agents of the demo had one address, and a second connection with an older index', async (t) => {
  const connections = new Set<string>();
  const lab = await labServerFor(t, { kind: 'activeUpdate', ...(released[0] && { release: released[0] }) });
  const seen = ({ socket }: { socket: Socket }) => connections.add(`${socket.remoteAddress}:${socket.remotePort}`);
  const listener = (message: unknown) => seen((message as { request: { socket: Socket } }).request);
  subscribe('http.server.request.start', listener);
  t.teardown(() => unsubscribe('http.server.request.start', listener));
  for (const address of ['127.0.0.11', '127.0.0.12']) {
    const agent = createDemoAgent({ name: address, address, source: lab.componentsUrl, have: new Map() });
    t.teardown(() => agent.close());
    await agent.update(released, never);
    await agent.update(released, never);
  }
  t.match([...connections], [/^127\.0\.0\.11:\d+$/, /^127\.0\.0\.12:\d+$/]);
  t.equal(connections.size, 2);
});

t.test('versions that no release has are no release', async (t) => {
  const { agent, source } = await agentBelow(t);
  source.publish(catalogue.release(9));
  await agent.update(released, never);
  t.match(agent.view, { state: 'wrong bytes', release: 0, error: 'its versions are those of no release' });
});

t.test('a source that fails is a state too, and the next run may mend it', async (t) => {
  const { agent, source } = await agentBelow(t);
  source.faults.on({ kind: 'portal', times: 1 });
  t.equal(await agent.update(released, never), false);
  t.match(agent.view, { state: 'failed', release: 0, error: /could bring this agent up to date/ });
  t.equal(await agent.update(released, never), true);
  t.match(agent.view, { state: 'updated', error: null });
});
