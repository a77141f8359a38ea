import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { blobFile } from '../storage/store-folder.ts';
import { get } from '../support/exchange.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, type TestRelay } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const RELEASE = createCatalogue({ shape: 'small' }).release(1);
const PATH = '/activeupdate/Branch/ofcscan.ini';
const SETTINGS = await RELEASE.file('Branch/ofcscan.ini');

const SWITCHES = { RELAY_MIRROR__ITEMS__DOMAIN_SETTINGS: 'true', RELAY_MIRROR__DOMAINS: 'Branch' };

async function office(
  t: Test,
  settings: Readonly<Record<string, string>>,
): Promise<{ relay: TestRelay; lab: LabServer; ask: (path?: string) => ReturnType<typeof get> }> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: RELEASE });
  // No release is mirrored meanwhile: none is needed.
  lab.faults.on({ kind: 'status', status: 404, match: 'server.ini' });
  const relay = await relayFor(t, { ...(await relayEnv(t, lab.url)), ...settings }, { limits: { tries: 1 } });
  await relay.events.nth('update.waiting', 1);
  lab.reset();
  const port = Number(new URL(relay.agentsUrl).port);
  return { relay, lab, ask: (path = PATH) => get(port, path) };
}

t.test('off, as they are unless somebody asks for them, the path is one like any other', async (t) => {
  const { relay, lab, ask } = await office(t, {});
  lab.faults.clear();
  await relay.mirror.update('administrator');
  lab.reset();
  t.equal((await ask()).status, 404);
  t.equal((await ask('/officescan/Branch/ofcscan.ini')).status, 404);
  t.strictSame(lab.requests, []);
});

t.test('over plain HTTP they are refused, and the answer says what to do', async (t) => {
  const { lab, ask } = await office(t, SWITCHES);
  for (const path of [PATH, '/activeupdate/Nowhere/ofcscan.ini']) {
    const { status, headers, body } = await ask(path);
    t.equal(status, 403, 'so it does not tell which domains there are');
    t.equal(headers['cache-control'], 'no-store');
    t.match(JSON.parse(body.toString()), { error: 'RLY_PULL_OVER_PLAIN_HTTP', detail: /agents\.allowPlain/ });
  }
  t.strictSame(lab.requests, []);
});

t.test('where that is allowed, agents of configured domains have theirs, as fresh as the source', async (t) => {
  const { lab, ask } = await office(t, { ...SWITCHES, RELAY_AGENTS__ALLOW_PLAIN: 'true' });
  const { status, headers, body } = await ask('/ActiveUpdate/BRANCH/OFCSCAN.ini');
  t.equal(status, 200);
  t.strictSame(body, SETTINGS);
  t.equal(headers['cache-control'], 'private, no-store');
  t.equal((await ask()).status, 200);
  t.match(
    lab.requests.map((request) => request.status),
    [200, 304],
  );
  t.equal((await ask('/activeupdate/Workgroup/ofcscan.ini')).status, 404);
  t.equal((await ask('/activeupdate/Branch/other.ini')).status, 503, 'as for any path before the first release');
  t.equal(lab.requests.length, 2);

  lab.faults.on({ kind: 'torn' });
  t.strictSame((await ask()).body, SETTINGS, 'an hour of grace');
});

t.test('nothing tells of them: no event, no error, no status, no metric, no explanation', async (t) => {
  const { relay, lab, ask } = await office(t, { ...SWITCHES, RELAY_AGENTS__ALLOW_PLAIN: 'true' });
  await ask();
  lab.publish(createCatalogue({ shape: 'small' }).release(2));
  await ask();
  await ask('/activeupdate/Workgroup/ofcscan.ini');
  await ask('/activeupdate/Branch/ofcscan.ini?x=%');
  await ask('/activeupdate/Branch/%2e%2e/%6ffcscan.ini');
  lab.faults.on({ kind: 'status', status: 500 });
  await ask();
  lab.faults.clear();
  lab.faults.on({ kind: 'status', status: 404 });
  await relay.store.responses.retain(() => false);
  await ask();

  const admin = async (path: string) => (await fetch(`${relay.adminUrl}${path}`)).text();
  const explained = await admin(`/api/v1/explain?path=${encodeURIComponent(PATH)}`);
  t.match(JSON.parse(explained), {
    path: '(domain settings)',
    kind: 'domain-settings',
    state: 'private',
    sha256: null,
  });
  const command = await runCommand(['explain', PATH], { env: relay.env });
  t.match(command, { code: 0, stdout: /path +\(domain settings\)\nkind +domain-settings\nstate +private/ });

  const told = [relay.events.all(), explained, command.stdout, await admin('/api/v1/status'), await admin('/metrics')];
  const text = JSON.stringify(told);
  t.match(text, '(domain settings)');
  t.match(text, 'domain-settings');
  t.notMatch(text, /Branch|Workgroup|ofcscan|Uninstall|!LAB!/i);
  for (const { sha256 } of relay.store.responses.list()) t.notOk(text.includes(sha256));
});

t.test('a copy that turns out to be damaged comes anew, and is told of without a hash', async (t) => {
  const { relay, lab, ask } = await office(t, { ...SWITCHES, RELAY_AGENTS__ALLOW_PLAIN: 'true' });
  await ask();
  await relay.close('a restart');
  const [copy] = relay.store.responses.list();
  writeFileSync(blobFile(String(relay.env['RELAY_STORAGE__PATH']), copy?.sha256 ?? ''), Buffer.alloc(SETTINGS.length));
  const again = await relayFor(t, { ...relay.env, RELAY_ADMIN__PORT: '0' }, { limits: { tries: 1 } });
  t.strictSame((await get(Number(new URL(again.agentsUrl).port), PATH)).body, SETTINGS);
  t.strictSame(again.events.of('blob.broken'), [{ sha256: '(domain settings)', reason: 'it is damaged' }]);
  t.match(
    lab.requests.filter(({ path }) => path === 'Branch/ofcscan.ini').map(({ status }) => status),
    [200, 304, 200],
  );
});
