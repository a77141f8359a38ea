// The first of four ways in which relays of this kind were broken again and again: a path that leaves its folder.
// CVE-2014-5350, CVE-2021-3823, CVE-2021-3960, CVE-2024-2224 (another vendor's update server).
// Names that come from upstream are in test/mirror/hostile-index.test.ts.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { attackedRelay } from '../support/attacked-relay.ts';
import { DOTS, SLASHES } from '../support/hostile-requests.ts';
import { judgeAnswers } from '../support/judge-answers.ts';
import { temporaryFolder } from '../support/relay-for.ts';
import { sendOver } from '../support/send-over.ts';
import { tried } from '../support/tried.ts';

const SECRET = 'this is nobody’s business';
/** Connections at a time. */
const AT_ONCE = 64;

const BEFORE = ['/', '/activeupdate', '/activeupdate/pattern/', '/officescan/download/'];

t.test('no way to write a climbing path leads to a file', async (t) => {
  const folder = await temporaryFolder(t);
  const { port, contents } = await attackedRelay(t, { RELAY_STORAGE__PATH: join(folder, 'store') });
  await writeFile(join(folder, 'secret'), SECRET);
  // What lies near, what lies in the store under a name of its own, and what every system has.
  const files = [
    'secret',
    'current',
    join(folder, 'secret').slice(1),
    join(dirname(folder), 'x').slice(1),
    'etc/passwd',
  ];

  const targets = BEFORE.flatMap((before) =>
    DOTS.flatMap((dots, n) =>
      SLASHES.map(
        (slash, m) => `${before}${(dots + slash).repeat((n + m) % 2 ? 1 : 8)}${files[(n + m) % files.length]}`,
      ),
    ),
  );
  const queue = targets.values();
  const wrong: string[] = [];
  const seen = new Set<number>();
  async function attacker(): Promise<void> {
    for (const target of queue) {
      const bytes = await sendOver(port, `GET ${target} HTTP/1.1\r\nHost: relay\r\n\r\n`);
      const verdict = judgeAnswers(bytes, contents);
      if (typeof verdict === 'string') wrong.push(`${target}: ${verdict}`);
      else if (verdict.statuses.some((status) => status !== 400 && status !== 404))
        wrong.push(`${target}: ${verdict.statuses.join()}`);
      else for (const status of verdict.statuses) seen.add(status);
      if (/root:|this is nobody/.test(bytes.toString('latin1'))) wrong.push(`${target}: a file came`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, attacker));
  t.strictSame(wrong, []);
  t.strictSame(seen, new Set([400, 404]), 'some are refused by the gate, the others are in no table');
  tried(t, targets.length);
});

t.test('what Windows would open and a table does not hold is not there', async (t) => {
  const { port, paths, contents } = await attackedRelay(t);
  const path = paths.find((candidate) => candidate.endsWith('.zip')) ?? '';
  const name = path.split('/').at(-1) ?? '';
  const cousins = [
    `${path}.`,
    `${path}%20`,
    `${path}::$DATA`,
    `${path}%00.txt`,
    `${path};.txt`,
    `${path}/.`,
    `${path}/`,
    path.replace(name, 'VSAPI~1.ZIP'),
    path.replace(name, `.${name}`),
    path.replace('/activeupdate/', '/activeupdate/./'),
    path.replace('/activeupdate/', '/activeupdate\\'),
    path.replace('/activeupdate/', '/activeupdate/C:/'),
    path.replace('/activeupdate/', '/activeupdate/CON/'),
    path.replace('/activeupdate/', '//activeupdate/'),
    path.replace('/activeupdate/', '/officescan/'),
    path.replace('/activeupdate/', '/'),
  ];
  for (const target of cousins) {
    const verdict = judgeAnswers(await sendOver(port, `GET ${target} HTTP/1.1\r\nHost: relay\r\n\r\n`), contents);
    t.ok(typeof verdict !== 'string' && verdict.statuses.every((status) => status === 400 || status === 404), target);
  }
  const folded = await sendOver(port, `GET ${path.toUpperCase()} HTTP/1.1\r\nHost: relay\r\n\r\n`);
  t.strictSame(judgeAnswers(folded, contents), { statuses: [200] }, 'the case of letters alone does not matter');
  tried(t, cousins.length);
});
