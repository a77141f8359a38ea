import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyText, type VerifyReport } from '../../src/commands/verify-report.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { GenerationObject } from '../../src/ports/generation.ts';
import { openStore } from '../../storage/open-store.ts';
import { flipBit } from '../storage/damages.ts';
import { bytesOf, objectOf, put } from '../storage/sample.ts';
import { blobFile } from '../storage/store-folder.ts';
import { entriesOf } from '../support/audit-entries.ts';
import { fakeIo } from '../support/fake-io.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor, temporaryFolder, type TestRelay } from '../support/relay-for.ts';
import { runCommand, type CommandContext } from '../support/run-command.ts';

const release = createCatalogue({ shape: 'small' }).release(3);
const TOKEN = 'a-token-of-more-than-thirty-two-characters';

interface Office {
  readonly lab: LabServer;
  readonly env: Record<string, string>;
  readonly path: string;
  /** Objects of the generation. */
  readonly objects: readonly GenerationObject[];
  verify(args?: readonly string[], context?: Partial<CommandContext>): ReturnType<typeof runCommand>;
}

/** A store with one generation, and nobody in it. */
async function office(t: Test): Promise<Office> {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env: Record<string, string> = await relayEnv(t, lab.url);
  env['RELAY_ADMIN__PORT'] = String(await freePort());
  const path = env['RELAY_STORAGE__PATH'] ?? '';
  await runCommand(['update'], { env });
  const { config } = await loadConfig({ env, cwd: import.meta.dirname });
  const store = await openStore(config.storage);
  const objects = store.generations.current()?.objects ?? [];
  await store.close();
  lab.reset();
  const verify: Office['verify'] = (args = [], context = {}) => runCommand(['verify', ...args], { env, ...context });
  return { lab, env, path, objects, verify };
}

/** The same with a relay at work in it. */
async function officeAtWork(t: Test, { token }: { token: boolean }) {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env = await relayEnv(t, lab.url);
  if (token) {
    env['RELAY_ADMIN__TOKEN_FILE'] = join(await temporaryFolder(t), 'token');
    await writeFile(env['RELAY_ADMIN__TOKEN_FILE'], `${TOKEN}\n`, { mode: 0o600 });
  }
  const relay: TestRelay = await relayFor(t, env);
  await relay.mirror.update('schedule');
  const path = env['RELAY_STORAGE__PATH'] ?? '';
  return { lab, relay, path, objects: relay.store.generations.current()?.objects ?? [] };
}

function damage(path: string, objects: readonly GenerationObject[]): void {
  for (const { sha256 } of objects) flipBit(blobFile(path, sha256));
}

t.test('a store that is right: one line, and exit code 0', async (t) => {
  const { lab, verify, objects } = await office(t);
  for (const args of [[], ['--repair']]) {
    const { code, stdout, stderr } = await verify(args);
    t.equal(code, 0);
    t.match(stdout, /^1 generation and \d+ blobs \(\d+\.\d KiB\) read: all is right\.\n$/);
    t.match(stderr, /^Reading the store: /);
  }
  const { stdout } = await verify(['--json']);
  t.match(JSON.parse(stdout), { generations: 1, findings: [], wrong: 0, repairFailed: null });
  t.ok(objects.length > 0);
  t.strictSame(lab.requests, [], 'nobody is asked for anything');
});

t.test('a store that is not: a table, and exit code 1; nothing is changed', async (t) => {
  const { path, objects, verify } = await office(t);
  const [victim] = objects;
  damage(path, objects.slice(0, 1));
  truncateSync(join(path, 'current'), 20);
  writeFileSync(join(path, 'letter.txt'), 'x');
  for (let time = 1; time <= 2; time += 1) {
    const { code, stdout } = await verify();
    t.equal(code, 1);
    const [head, pointer, blob, unknown, blank, sum, advice] = stdout.split('\n');
    t.match(head, /^FOUND  FILE  +OBJECT  +PROBLEM$/);
    t.match(pointer, /^wrong  current  +–  +is torn or was altered$/);
    t.match(
      blob,
      new RegExp(`^wrong  blobs/../${victim?.sha256}  ${victim?.path} of generation 1 +has the hash \\w{64}$`),
    );
    t.match(unknown, /^note   letter\.txt  +–  +is not the relay’s; it is left alone$/);
    t.equal(blank, '');
    t.match(sum, /^1 generation and \d+ blobs \(.*\) read: 2 wrong, 1 to note\.$/);
    t.equal(advice, '`relay verify --repair` deletes what is damaged and fetches it again.');
  }
});

t.test('a broken audit log is wrong, and nothing a repair would mend', async (t) => {
  const { lab, path, verify } = await office(t);
  writeFileSync(join(path, 'audit'), 'altered\n');
  for (const args of [[], ['--repair']]) {
    const { code, stdout } = await verify(args);
    t.equal(code, 1);
    t.match(stdout, /^wrong  audit  –  +has a line \(1\) that does not follow .*removed$/m);
    t.match(stdout, /1 wrong\.\nNothing mends an audit log\. .*\n$/);
  }
  t.strictSame(lab.requests, []);
});

t.test('--repair brings it back, says what it did, and leaves alone what is not the relay’s', async (t) => {
  const { lab, path, objects, verify } = await office(t);
  const [flipped, gone, folder] = objects;
  damage(path, objects.slice(0, 1));
  rmSync(blobFile(path, gone?.sha256 ?? ''));
  rmSync(blobFile(path, folder?.sha256 ?? ''));
  mkdirSync(blobFile(path, folder?.sha256 ?? ''));
  truncateSync(join(path, 'current'), 20);
  writeFileSync(join(path, 'letter.txt'), 'x');
  writeFileSync(join(path, 'tmp', 'half'), 'x');
  const { code, stdout } = await verify(['--repair', '--json']);
  t.equal(code, 0);
  const { findings, wrong } = JSON.parse(stdout) as VerifyReport;
  t.equal(wrong, 0);
  const done = findings.map(({ weight, object, file, done: what }) => `${weight} ${object ?? file}: ${what}`);
  t.strictSame(
    new Set(done),
    new Set([
      'wrong current: written anew',
      ...[flipped, gone, folder].map((object) => `wrong ${object?.path} of generation 1: fetched again`),
      'note tmp: null', // what was in the way of a blob lies there until the next start
      'note letter.txt: null',
    ]),
  );
  t.ok(existsSync(join(path, 'letter.txt')));
  const asked = new Set(lab.requests.map((request) => request.path));
  for (const object of [flipped, gone, folder]) t.ok(asked.has(object?.path ?? ''));
  t.equal((await verify()).code, 0);
  t.match(entriesOf(readFileSync(join(path, 'audit'), 'utf8')).slice(-2), [
    {
      who: `relay verify as user ${process.getuid?.()}`,
      what: 'a repair of the store',
      before: { generation: 1, found: ['current is torn or was altered', /^blobs\/.*/] },
      after: null,
    },
    {
      what: 'the end of a repair of the store',
      before: { generation: 1, found: ['current is torn or was altered', /^blobs\/.*/] },
      after: { done: ['current written anew', /^blobs\/.* fetched again$/], wrong: 0, error: null },
    },
  ]);

  truncateSync(join(path, 'current'), 20);
  const again = await verify(['--repair']);
  t.match(again.stdout, /^FOUND  FILE  +OBJECT  PROBLEM  +DONE$/m);
  t.match(again.stdout, /^wrong  current  +–  +is torn or was altered  +written anew$/m);
  t.match(again.stdout, 'read: all is right, 1 to note.\n');
});

t.test('what came on demand and is damaged goes, and comes again when somebody asks for it', async (t) => {
  const { env, path, verify } = await office(t);
  const { config } = await loadConfig({ env, cwd: import.meta.dirname });
  const store = await openStore(config.storage);
  const blob = await put(store.blobs, bytesOf('fill'));
  await store.fills.add({ ...objectOf('pattern/large.zip', blob), identity: 'large' });
  await store.close();
  flipBit(blobFile(path, blob.sha256));
  t.equal((await verify()).code, 1);
  const { code, stdout } = await verify(['--repair']);
  t.equal(code, 0);
  t.match(stdout, /^wrong  blobs\/.* pattern\/large\.zip, on demand +has the hash \w+ +removed$/m);
});

t.test('--repair while no source answers deletes nothing, says so, and exits with 1', async (t) => {
  const { lab, path, objects, verify } = await office(t);
  damage(path, objects.slice(0, 1));
  truncateSync(join(path, 'current'));
  lab.faults.on({ kind: 'status', status: 503 });
  const { code, stdout, stderr } = await verify(['--repair']);
  t.equal(code, 1);
  t.match(stdout, /^wrong  blobs\/.* +–$/m);
  t.match(stdout, /^wrong  current .* written anew$/m);
  t.match(stdout, /read: 1 wrong\.\nThe repair did not come to its end: RLY_UPDATE_NO_SOURCE: .*\. While no source/);
  t.match(entriesOf(readFileSync(join(path, 'audit'), 'utf8')).at(-1)?.after, {
    done: ['current written anew'],
    wrong: 1,
    error: /^RLY_UPDATE_NO_SOURCE: /,
  });
  t.notMatch(stderr, 'relay:');
  t.ok(existsSync(blobFile(path, objects[0]?.sha256 ?? '')));
});

t.test('a repair is made also where it cannot be noted, and that is told', async (t) => {
  const { path, objects, verify } = await office(t);
  damage(path, objects.slice(0, 1));
  rmSync(join(path, 'audit'));
  symlinkSync('/dev/null', join(path, 'audit'));
  const { stdout, stderr } = await verify(['--repair']);
  t.match(stdout, /^wrong  blobs\/.* fetched again$/m);
  t.match(stderr, /^relay: relay verify as user \d+: a repair of the store; this is in no audit log: RLY_STORAGE_/m);
});

t.test('what cannot be checked has its own exit code', async (t) => {
  const { env, path, verify } = await office(t);
  t.equal((await verify(['--repiar'])).code, 64);
  const nowhere = await verify([], { env: { ...env, RELAY_STORAGE__PATH: join(path, 'nowhere') } });
  t.equal(nowhere.code, 78);
  t.match(nowhere.stderr, /RLY_STORAGE_FORMAT: .* there is none yet/);
  rmSync(join(path, 'generations'), { recursive: true });
  writeFileSync(join(path, 'generations'), 'a file');
  const { code, stderr } = await verify();
  t.equal(code, 74);
  t.match(stderr, /RLY_STORAGE_IO: .*generations could not be used: scandir failed with ENOTDIR/);
});

t.test('Ctrl-C ends it, and is no bug', async (t) => {
  const { path, objects, verify } = await office(t);
  damage(path, objects.slice(0, 1));
  for (const args of [[], ['--repair']]) {
    const stop = new AbortController();
    const ended = verify(args, { signal: stop.signal });
    stop.abort('SIGINT');
    const { code, stderr } = await ended;
    t.equal(code, 1);
    t.match(stderr, /RLY_INTERRUPTED/);
  }
});

t.test(
  'bug: run by root, a repair left files that the relay could not read',
  {
    skip: process.getuid?.() === 0 ? false : 'is not root here',
  },
  async (t) => {
    const { path, objects, verify } = await office(t);
    damage(path, objects.slice(0, 1));
    await chown(path, 10_001, 10_001);
    const { code, stderr } = await verify(['--repair']);
    t.equal(code, 78);
    t.match(stderr, /RLY_STORAGE_OWNER: .* is not for user 0 alone: it belongs to user 10001/);
    t.equal((await verify()).code, 1, 'to look is for everybody');
  },
);

t.test('beside a running relay', async (t) => {
  t.test('it looks without a token, and the relay does not notice', async (t) => {
    const { relay, path, objects } = await officeAtWork(t, { token: false });
    t.equal((await runCommand(['verify'], { env: relay.env })).code, 0);
    damage(path, objects.slice(0, 1));
    t.equal((await runCommand(['verify'], { env: relay.env })).code, 1);
    t.match(
      relay.events.of('admin.changed').map(({ what }) => what),
      ['a start'],
    );
    const { code, stderr } = await runCommand(['verify', '--repair'], { env: relay.env });
    t.equal(code, 1);
    t.match(stderr, /RLY_ADMIN_REFUSED: .* answered 403: this relay has no admin token/);
  });

  t.test('--repair has the relay do it, and shows how far that is', async (t) => {
    const { lab, relay, path, objects } = await officeAtWork(t, { token: true });
    damage(path, objects.slice(0, 2));
    truncateSync(join(path, 'generations', '1'), 100);
    const [slow] = objects;
    if (slow) lab.faults.on({ kind: 'slow', bytesPerSecond: slow.size, match: slow.path });
    const { code, stdout, stderr } = await runCommand(['verify', '--repair'], { env: relay.env });
    t.equal(code, 0);
    t.match(stdout, /^wrong  generations\/1 .* written anew$/m);
    t.match(stdout, /^wrong  blobs\/.* fetched again$/m);
    t.match(stderr, `Fetching from ${lab.componentsUrl}`, 'it was followed on its way');
    t.equal(relay.events.of('blob.broken').length, 2, 'the relay did it, and told so');
    t.match(relay.events.of('admin.changed').at(-1), { what: 'a repair of the store' });
  });

  t.test('what the relay failed of is said here', async (t) => {
    const { lab, relay, path, objects } = await officeAtWork(t, { token: true });
    damage(path, objects.slice(0, 1));
    lab.faults.on({ kind: 'status', status: 503 });
    const { code, stdout } = await runCommand(['verify', '--repair'], { env: relay.env });
    t.equal(code, 1);
    t.match(stdout, /did not come to its end: RLY_UPDATE_FAILED_THERE: .*RLY_UPDATE_NO_SOURCE/);
  });
});

t.test('on a terminal hashes are short, and what is wrong is red', async (t) => {
  const report: VerifyReport = {
    path: '/store',
    generations: 3,
    blobs: 2,
    bytes: 2048,
    findings: [
      {
        weight: 'wrong',
        about: 'blob',
        file: `blobs/ab/${'ab'.repeat(32)}`,
        object: 'pattern/a.zip of generation 3',
        problem: `has the hash ${'cd'.repeat(32)}`,
        done: null,
      },
    ],
    wrong: 1,
    repairFailed: null,
  };
  const wide = { isTerminal: true, columns: () => 120, colour: true };
  const text = verifyText(report, fakeIo(wide));
  t.match(text, /blobs\/ab\/abababababab…  pattern\/a\.zip of generation 3  has the hash cdcdcdcdcdcd…\n/);
  t.match(text, '\u001b[31mwrong\u001b[39m');
  t.match(verifyText(report, fakeIo({ ...wide, unicode: false })), 'blobs/ab/abababababab~');
});
