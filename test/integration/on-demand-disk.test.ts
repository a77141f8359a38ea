import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { blobFile } from '../storage/store-folder.ts';
import { asking, full, office, PATTERN, RELEASE, second, TRUTH } from '../support/on-demand-office.ts';
import { relayFor } from '../support/relay-for.ts';

t.test('where the disk has no room, it passes through memory', async (t) => {
  const { relay, ask, asked } = await full(t, { RELAY_STORAGE__MAX_SIZE: '64MiB' });
  const answers = await Promise.all([ask(), ask()]);
  for (const { body } of answers) t.ok(body.equals(TRUTH));
  await relay.events.nth('flight.landed', 1);
  t.strictSame(relay.store.fills.list(), []);
  t.ok((await ask()).body.equals(TRUTH), 'and stays while nothing else needs the memory');
  t.equal(asked().length, 1);
});

t.test('what passes through memory is proven all the same', async (t) => {
  const { relay, ask, lab } = await full(t, { RELAY_STORAGE__MAX_SIZE: '64MiB' });
  lab.faults.on({ kind: 'wrongBytes', match: PATTERN });
  await t.rejects(ask(), { code: 'ECONNRESET' });
  await relay.events.nth('flight.failed', 1);
});

t.test('where neither disk nor memory have room, it is 503 until there is', async (t) => {
  const settings = { RELAY_STORAGE__MAX_SIZE: '64MiB', RELAY_AGENTS__MEMORY: '4MiB' };
  const { ask, free } = await full(t, settings);
  const { status, body } = await ask();
  t.equal(status, 503);
  t.match(JSON.parse(body.toString()), { error: 'RLY_OBJECT_NOT_YET', detail: /no room/ });
  await free();
  t.ok((await ask()).body.equals(TRUTH));
});

const DAMAGES: Record<string, (file: string, truth: Buffer) => void> = {
  'is gone': (file) => rmSync(file),
  'is short': (file, truth) => writeFileSync(file, truth.subarray(1)),
  'has a flipped bit': (file, truth) =>
    writeFileSync(file, Buffer.concat([truth.subarray(0, -1), Buffer.from([(truth.at(-1) ?? 0) ^ 1])])),
  'is a link': (file, truth) => {
    writeFileSync(`${file}.real`, truth);
    rmSync(file);
    symlinkSync(`${file}.real`, file);
  },
};

for (const [name, damage] of Object.entries(DAMAGES)) {
  for (const path of ['pattern/boot_bl32_35.zip', 'pattern/vsapi985.sig']) {
    t.test(`${path} that ${name} is fetched anew in the same request`, async (t) => {
      const { relay, ask, asked, env } = await office(t);
      const truth = await RELEASE.file(path);
      const object = relay.store.generations.current()?.objects.find((candidate) => candidate.path === path);
      damage(blobFile(String(env['RELAY_STORAGE__PATH']), String(object?.sha256)), truth);
      const healed = await ask({}, path);
      t.equal(healed.status, 200);
      t.ok(healed.body.equals(truth));
      t.equal(asked(path).length, 1);
      t.equal(relay.events.of('blob.broken').length, 1);
      t.match(await ask({}, path), { status: 200, headers: { 'cache-status': 'relay; hit' } });
      t.equal(asked(path).length, 1);
    });
  }

  t.test(`what came on demand and ${name} comes again, once`, async (t) => {
    const { relay, ask, lab, env } = await office(t);
    await ask();
    const [fill] = relay.store.fills.list();
    await relay.close('restart');
    damage(blobFile(String(env['RELAY_STORAGE__PATH']), String(fill?.sha256)), TRUTH);
    const again = await relayFor(t, env);
    lab.reset();
    const there = asking(again, lab);
    const [one, two] = await Promise.all([there.ask(), there.ask()]);
    t.ok(one.body.equals(TRUTH) && two.body.equals(TRUTH));
    t.equal(there.asked().length, 1);
    t.match(await there.ask(), { status: 200, headers: { 'cache-status': 'relay; hit' } });
  });
}

t.test('bug: where one source had another signature than before, the next was asked in vain', async (t) => {
  const path = 'pattern/vsapi985.sig';
  const { other: first, settings } = await second(t);
  const { relay, ask, asked, env } = await office(t, settings);
  const { source, objects } = relay.store.generations.current() ?? {};
  t.equal(source, first.componentsUrl);
  const object = objects?.find((candidate) => candidate.path === path);
  rmSync(blobFile(String(env['RELAY_STORAGE__PATH']), String(object?.sha256)));
  first.faults.on({ kind: 'wrongBytes', match: path });
  const healed = await ask({}, path);
  t.equal(healed.status, 200);
  t.ok(healed.body.equals(await RELEASE.file(path)));
  t.equal(asked(path).length, 1, 'at the server');
  t.match(relay.events.of('object.failed'), [{ path, source: first.componentsUrl, error: /^RLY_OBJECT_CHANGED: / }]);
});
