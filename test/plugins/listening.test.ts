import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';
import { LARGE, largeObjectUrl, publishLargeObject, stallDownload } from '../support/stalled-download.ts';
import { steppedClock } from '../support/stepped-clock.ts';

async function site(t: Test) {
  const clock = steppedClock();
  const relay = await relayFor(t, await relayEnv(t, 'http://127.0.0.1:1/officescan'), { clock, limits: { tries: 1 } });
  const { events } = relay;
  /** A connection over which something was asked, when the first bytes of the answer have come. */
  async function asked(url: string): Promise<Socket> {
    const { port, pathname } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    t.teardown(() => socket.destroy());
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, 'data');
    socket.resume();
    return socket;
  }
  /** Time goes by, as between two looks, until so many connections were ended. */
  const ended = (count: number) =>
    eventually(`${count} ends`, () => {
      clock.advance(5000);
      const told = events.of('connections.ended');
      return told.length >= count && told;
    });
  return { relay, asked, ended };
}

t.test(
  'each listener ends connections over which nothing is asked any more, and none that waits for events',
  async (t) => {
    const { relay, asked, ended } = await site(t);
    const stream = await asked(`${relay.adminUrl}/api/v1/events`);
    const idle = [await asked(`${relay.agentsUrl}/activeupdate/server.ini`), await asked(`${relay.adminUrl}/livez`)];
    const gone = idle.map((socket) => once(socket, 'close'));
    const told = await ended(2);
    t.strictSame(new Set(told.map(({ listener }) => listener)), new Set(['agents', 'admin']));
    for (const { reason } of told) t.equal(reason, 'nothing was asked over it any more');
    await Promise.all(gone);
    t.notOk(stream.readableEnded || stream.destroyed);
  },
);

t.test('who does not read what was asked for is cut', async (t) => {
  const { relay, ended } = await site(t);
  await publishLargeObject(relay.store);
  await stallDownload(t, relay.agentsUrl);
  t.match(await ended(1), [{ listener: 'agents', reason: 'it read too slowly' }]);
  const { bytes, path } = await relay.events.nth('agent.answered', 1);
  t.ok(Number(bytes) < LARGE);
  t.equal(path, new URL(largeObjectUrl(relay.agentsUrl)).pathname);
});
