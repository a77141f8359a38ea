import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { notedConfiguration } from '../../src/app/noted-configuration.ts';
import { startRelay } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import type { AuditEntry } from '../../src/ports/audit.ts';
import { VERSION } from '../../src/version.ts';
import { createAudit } from '../../storage/audit-log.ts';
import { layoutOf } from '../../storage/layout.ts';
import { entriesOf } from '../support/audit-entries.ts';
import { handClock } from '../support/hand-clock.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { recordedEvents } from '../support/recorded-events.ts';
import { relayEnv, temporaryFolder } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const TOKEN = 'a-token-of-more-than-thirty-two-characters';
const START = { version: VERSION, configuration: /^[0-9a-f]{64}$/ };
type Variables = Readonly<Record<string, string>>;

/** A store, and relays that work in it one after the other. */
async function site(t: Test) {
  const release = createCatalogue({ shape: 'small' }).release(1);
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const env = await relayEnv(t, lab.url);
  const path = env['RELAY_STORAGE__PATH'] ?? '';
  const audit = join(path, 'audit');
  const configOf = async (change: Variables) =>
    (await loadConfig({ env: { ...env, ...change }, cwd: import.meta.dirname })).config;
  let seen = 0;
  return {
    path,
    audit,
    /** Starts a relay, reads each of `reloads`, and stops it; answers what it told. */
    async run(change: Variables = {}, reloads: readonly Variables[] = []) {
      const events = recordedEvents();
      const relay = await startRelay(await configOf(change), { listeners: [events.emit] });
      for (const next of reloads) await relay.reload(await configOf({ ...change, ...next }), 'SIGHUP');
      await relay.mirror.update('administrator');
      await relay.close('the test ends');
      return events;
    },
    /** The entries since the last call, without number and time. */
    fresh() {
      const entries = entriesOf(readFileSync(audit, 'utf8')).map(({ who, what, before, after }) => ({
        who: who.replace(/\d+/, 'N'),
        what,
        before,
        after,
      }));
      const latest = entries.slice(seen);
      seen = entries.length;
      return latest;
    },
    verify: () => runCommand(['verify'], { env }),
  };
}

const who = 'user N of this host';

t.test('the first start notes every key, the next one nothing where nothing has changed', async (t) => {
  const { path, run, fresh } = await site(t);
  const folder = await temporaryFolder(t);
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const change = {
    RELAY_ADMIN__TOKEN_FILE: put('token', TOKEN),
    RELAY_SOURCES__REACH: JSON.stringify([
      { prefix: 'http://a.example.com', credentialsFile: put('credentials', 'branch:a-secret') },
    ]),
    RELAY_SOURCES__CUSTOMIZED: JSON.stringify([{ url: 'http://127.0.0.1:1/a', range: '10.1.0.0-10.1.255.255' }]),
    RELAY_MIRROR__WAN__RATE: '80000kbit/s',
    RELAY_MIRROR__WAN__WINDOWS: '[{ "from": "20:00", "to": "05:00", "rate": "1024KiB/s" }]',
  };
  await run(change);
  const [first, ...others] = fresh();
  t.match(first, { who, what: 'a start', before: null, after: START });
  t.match(first?.after, {
    settings: { 'storage.path': path, 'mirror.serverSection': 'comment', 'mirror.every': '15m' },
  });
  t.match(first?.after, { settings: { 'admin.tokenFile': join(folder, 'token') } });
  t.notMatch(JSON.stringify(first), /a-token|a-secret/, 'a secret is in no log');
  t.strictSame(others, []);

  await run(change);
  const [second, ...rest] = fresh();
  t.match(second, { who, what: 'a start', before: START, after: START });
  t.strictSame(second?.after, second?.before);
  t.strictSame(rest, []);
});

t.test('bug: what a reload left for the next start was never noted; now that start does, once', async (t) => {
  const { run, fresh, verify } = await site(t);
  const keep = { RELAY_MIRROR__SERVER_SECTION: 'keep' };
  const both = { ...keep, RELAY_AGENTS__ALLOW: '10.0.0.0/8' };
  const events = await run({}, [both, both]);
  t.match(events.of('config.needs-restart'), [{ keys: 'mirror.serverSection' }, { keys: 'mirror.serverSection' }]);
  t.match(fresh().slice(1), [{ who: 'SIGHUP', what: 'agents.allow', after: ['10.0.0.0/8'] }]);

  const next = await run(both);
  const [start, ...keys] = fresh();
  t.match(start, { what: 'a start', before: START, after: START });
  t.strictSame(keys, [{ who, what: 'mirror.serverSection', before: 'comment', after: 'keep' }]);
  t.strictSame(
    next.of('admin.changed').map(({ what }) => what),
    ['a start', 'mirror.serverSection'],
  );

  await run(both);
  t.equal(fresh().length, 1, 'the start alone');
  await run();
  t.match(fresh().slice(1), [
    { who, what: 'agents.allow', before: ['10.0.0.0/8'] },
    { who, what: 'mirror.serverSection', before: 'keep', after: 'comment' },
  ]);
  t.match(await verify(), { code: 0, stdout: /all is right/ });
});

t.test('what a reload took over and could not note is noted by the next start', async (t) => {
  const { audit, run, fresh } = await site(t);
  await run();
  const whole = readFileSync(audit);
  rmSync(audit);
  symlinkSync('/dev/null', audit);
  const change = { RELAY_AGENTS__ALLOW: '10.0.0.0/8' };
  const events = await run({}, [change]);
  t.match(
    events.of('audit.failed').map(({ what }) => what),
    ['a start', 'agents.allow'],
    'and keeps nobody from serving',
  );
  rmSync(audit);
  writeFileSync(audit, whole, { mode: 0o600 });
  await run(change);
  t.match(fresh().slice(-1), [{ who, what: 'agents.allow', after: ['10.0.0.0/8'] }]);
});

t.test('after a log of another version', async (t) => {
  const { path, run, fresh, verify } = await site(t);
  await run();
  const [first] = fresh();
  const audit = createAudit(layoutOf(path), handClock());
  const of = (after: unknown) => ({ who: 'another version', what: 'a start', before: null, after });

  t.test('a key that it did not have has come, one that is no more is left out', async (t) => {
    const { settings } = Object(first?.after) as { settings: Record<string, unknown> };
    const older = Object.entries({ ...settings, 'mirror.gone': 1 }).filter(([key]) => key !== 'log.level');
    await audit.note(of({ version: '0.0.1', configuration: 'hash', settings: Object.fromEntries(older) }));
    fresh();
    await run();
    t.match(fresh(), [
      { what: 'a start', before: { version: '0.0.1', configuration: 'hash' }, after: START },
      { what: 'log.level', before: null, after: 'info' },
    ]);
  });

  t.test('that had the hash alone, all are noted', async (t) => {
    rmSync(join(path, 'audit'));
    await createAudit(layoutOf(path), handClock()).note(of({ version: '0.0.1', configuration: 'hash' }));
    await run();
    const [, start, ...others] = entriesOf(readFileSync(join(path, 'audit'), 'utf8'));
    t.match(start, { before: { version: '0.0.1' }, after: { settings: { 'log.level': 'info' } } });
    t.strictSame(others, []);
    t.equal((await verify()).code, 0);
  });
});

t.test('entries of another shape say nothing of the configuration', (t) => {
  const entry = (what: string, after: unknown): AuditEntry => {
    return { entry: 1, at: '', who: 'a test', what, before: null, after };
  };
  const nothing = { start: null, settings: null };
  t.strictSame(notedConfiguration([]), nothing);
  t.strictSame(notedConfiguration([entry('a start', null), entry('log.level', 'debug')]), nothing);
  const start = { version: '1', configuration: 'hash' };
  t.strictSame(notedConfiguration([entry('a start', { ...start, settings: 'all' })]), { start, settings: null });
  const noted = [entry('a start', { ...start, settings: {} }), entry('log.level', 'debug'), entry('an update', {})];
  t.strictSame(notedConfiguration(noted), { start, settings: { 'log.level': 'debug' } });
  t.end();
});
