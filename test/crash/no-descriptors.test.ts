import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import t from 'tap';
import { assertInvariants, startInTime } from '../support/assert-invariants.ts';
import { branchOffice } from '../support/branch-office.ts';
import { get } from '../support/exchange.ts';
import { needs } from '../support/tool.ts';

/** The soft limit of open files of a running process (getrlimit(2)). */
function limitFiles(t: { equal(found: unknown, expected: unknown): unknown }, pid: number, files: number): void {
  t.equal(spawnSync('prlimit', ['--pid', String(pid), `--nofile=${files}:`]).status, 0);
}

t.test('a relay that has no descriptors left', needs('prlimit'), async (t) => {
  const office = await branchOffice(t, { seed: 'EMFILE', shape: 'small' });
  const relay = await startInTime(t, office, 'the first');
  await relay.logged('update.published');
  // What agents asked for lately is in memory, and comes over connections that are there.
  t.strictSame(await office.view(relay), { release: 1, wrong: [] });

  office.publishNext();
  // Over the connection by which the order will come: it is one of those that are open.
  await office.status(relay);
  const open = readdirSync(`/proc/${relay.pid}/fd`).length;
  // One more than there are: enough to be asked, and not to do it.
  limitFiles(t, relay.pid, open + 1);
  await office.update(relay);
  t.match(await relay.logged('update.failed'), { generation: 1, error: /EMFILE/ });
  t.strictSame(await office.view(relay), { release: 1, wrong: [] }, 'what is in memory is served');

  limitFiles(t, relay.pid, readdirSync(`/proc/${relay.pid}/fd`).length);
  const port = Number(new URL(relay.agentsUrl).port);
  const more = await Promise.allSettled(Array.from({ length: 20 }, () => get(port, '/activeupdate/server.ini')));
  const statuses = new Set(more.map((end) => (end.status === 'fulfilled' ? end.value.status : 'cut')));
  for (const status of statuses) t.ok(status === 200 || status === 'cut', `another connection: ${status}`);

  limitFiles(t, relay.pid, 1024);
  await office.update(relay);
  await relay.logged('update.published', 2);
  const said = { event: 'update.failed', error: /EMFILE/ } as const;
  await assertInvariants(t, office, relay, { name: 'with descriptors again', release: 2, said });
  t.match(await relay.stop(), { code: 0, stderr: '' });
});
