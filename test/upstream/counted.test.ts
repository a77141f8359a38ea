import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { eventually } from '../support/eventually.ts';
import { memorySink } from '../support/memory-sink.ts';
import { mirrorBench } from '../support/mirror-bench.ts';
import { head, type Scene, scriptedOrigin } from '../support/scripted-origin.ts';
import { testUpstream } from '../support/test-upstream.ts';

/** An origin that notes what it has put on the wire after its headers. */
async function countingOrigin(t: Test, answers: readonly Answer[]) {
  let sent = 0;
  const scenes = answers.map(({ status, fields = {}, body, afterwards, cutAfter }): Scene => {
    return (_, socket) => {
      const before = socket.bytesWritten;
      const top = head(status, { 'Content-Length': body.length, ...fields });
      socket.write(top);
      socket.write(body.slice(0, cutAfter));
      sent += socket.bytesWritten - before - top.length;
      afterwards?.(socket);
    };
  });
  return { origin: await scriptedOrigin(t, scenes), sent: () => sent };
}

interface Answer {
  readonly status: number;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly cutAfter?: number;
  readonly afterwards?: (socket: Socket) => void;
}

const index = '[PATTERN]\r\nP.4=pattern/vsapi241.zip, 1724100, 5\r\n';
const page = '<html><body>not here</body></html>'.repeat(40);
const long = 'x'.repeat(15_000);

t.test('the ledger is what the source has sent, byte for byte, whatever became of it', async (t) => {
  const { origin, sent } = await countingOrigin(t, [
    { status: 302, fields: { Location: '/activeupdate/Server.ini' }, body: page },
    { status: 500, body: page },
    { status: 503, fields: { 'Retry-After': '1' }, body: page },
    { status: 200, body: index },
    { status: 404, body: page },
    { status: 200, fields: { ETag: '"v1"' }, body: long, cutAfter: 4_000, afterwards: (socket) => socket.end() },
    { status: 206, fields: { ETag: '"v1"', 'Content-Range': 'bytes 4000-14999/15000' }, body: long.slice(4_000) },
    { status: 200, body: long },
    { status: 206, fields: { 'Content-Range': 'bytes 0-9/15000' }, body: long.slice(0, 10) },
    { status: 200, fields: { 'Content-Encoding': 'gzip' }, body: page },
  ]);
  const upstream = testUpstream(t);
  const { source } = origin;
  const object = (size: number, kind?: string) => {
    const sink = memorySink();
    return upstream.fetchObject({ source, path: 'pattern/a.zip', size: { exact: size }, sink, ...(kind && { kind }) });
  };
  // A redirect, an error that passes, a Retry-After that is waited for, then the index.
  t.match(await upstream.fetchIndex(source, null), { state: 'fetched' });
  await t.rejects(object(15_000), { code: 'RLY_UPSTREAM_NOT_FOUND' });
  t.match(await object(15_000, 'programs'), { received: 15_000 }, 'cut, and continued');
  await t.rejects(object(14_000), { code: 'RLY_UPSTREAM_SIZE' }, 'a body of the wrong length');
  await t.rejects(object(15_000), { code: 'RLY_UPSTREAM_RANGE' }, 'a part nobody asked for');
  await t.rejects(upstream.fetchIndex(source, null), { code: 'RLY_UPSTREAM_CODED' });
  t.equal(origin.requests.length, 10);

  // What is discarded is read beside what goes on.
  await eventually('all of it is counted', () => upstream.received.total(source.url) >= sent());
  t.strictSame(upstream.received.rows(), [
    { source: source.url, kind: 'components', bytes: sent() - 15_000 },
    { source: source.url, kind: 'programs', bytes: 15_000 },
  ]);
});

t.test('an update with tries that fail costs what the server has sent, by kind', async (t) => {
  const { lab, mirror, upstream } = await mirrorBench(t);
  lab.faults.on({ kind: 'torn', after: 100, match: (path) => path.endsWith('.zip'), times: 4 });
  lab.faults.on({ kind: 'status', status: 500, match: 'server.ini', times: 1 });
  await mirror.update('schedule');
  const sent = (programs: boolean) =>
    lab.requests.reduce((sum, { path, bytes }) => sum + (/^product/i.test(path) === programs ? bytes : 0), 0);
  t.equal(lab.requests.filter(({ bytes }) => bytes === 100).length, 4, 'what was torn is in it');
  const source = lab.componentsUrl;
  t.strictSame(
    new Set(upstream.received.rows()),
    new Set([
      { source, kind: 'components', bytes: sent(false) },
      { source, kind: 'programs', bytes: sent(true) },
    ]),
  );
});
