import { randomBytes } from 'node:crypto';
import * as fc from '../support/fast-check.ts';
import type { Test } from 'tap';
import type { Blob, Store } from '../../src/ports/store.ts';
import {
  bytesOf,
  draftIn,
  draftOf,
  fillOf,
  objectOf,
  PUBLISHED_AT,
  put,
  responseOf,
  sha256Of,
  stagedOf,
} from './sample.ts';

/** A new store, and the same one opened again: what is durable is still there. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens it again. */
  readonly reopen: () => Promise<Store>;
  /** Called at the end of each scenario, when nothing is under way: whether the books are right. */
  audit(t: Test): void;
}

/** Opens an empty store of `maxSize` bytes that keeps two generations. */
export type OpenUnderTest = (t: Test, maxSize: number) => Promise<StoreUnderTest>;

type Scenario = (name: string, body: (t: Test, under: StoreUnderTest) => Promise<void>) => void;

const nothing: ReadonlySet<number> = new Set();
const PLENTY = 64 * 1024 * 1024;
const LITTLE = 1000;

/** Whatever claims to be a Store keeps these promises of src/ports/store.ts. */
export function storeCompliance(t: Test, open: OpenUnderTest): void {
  const scenarios =
    (maxSize: number): Scenario =>
    (name, body) =>
      void t.test(name, async (t) => {
        const under = await open(t, maxSize);
        await body(t, under);
        under.audit(t);
      });
  blobCompliance(scenarios(PLENTY));
  ledgerCompliance(scenarios(LITTLE));
  stagingCompliance(scenarios(PLENTY));
  fillsCompliance(scenarios(PLENTY));
  responsesCompliance(scenarios(PLENTY));
  partsCompliance(scenarios(PLENTY));
  roomCompliance(scenarios(LITTLE));
  notesCompliance(scenarios(PLENTY));
  generationCompliance(scenarios(PLENTY));
  collectionCompliance(scenarios(PLENTY));
}

function blobCompliance(scenario: Scenario): void {
  scenario(
    'a committed blob is named by its hash and reads back, also after a restart',
    async (t, { store, reopen }) => {
      const bytes = bytesOf('some');
      const blob = await put(store.blobs, bytes);
      t.strictSame(blob, { sha256: sha256Of(bytes), size: bytes.length });
      t.ok(await store.blobs.has(blob));
      t.strictSame(await store.blobs.read(blob), bytes);
      const again = await reopen();
      t.strictSame(await again.blobs.read(blob), bytes);
      t.equal(again.recovery.blobs, 1);
    },
  );

  scenario(
    'a blob is announced before it is there; one that cannot be announced does not come',
    async (t, { store }) => {
      const write = async (bytes: Buffer) => {
        const writer = await store.blobs.create(bytes.length, { exact: true });
        await writer.write(bytes);
        return writer;
      };
      let there: boolean | undefined;
      const blob = await (
        await write(bytesOf('noted'))
      ).commit(async (announced) => {
        there = await store.blobs.has(announced);
      });
      t.equal(there, false);
      t.ok(await store.blobs.has(blob));

      const failing = await write(bytesOf('not noted'));
      await t.rejects(
        failing.commit(() => Promise.reject(new Error('the note cannot be written'))),
        /the note/,
      );
      t.match(store.usage(), { bytes: blob.size, reserved: 0 });
    },
  );

  scenario('an empty blob is a blob', async (t, { store }) => {
    const blob = await put(store.blobs, Buffer.alloc(0));
    t.equal(blob.size, 0);
    t.equal((await store.blobs.read(blob)).length, 0);
    t.equal(await store.collect(nothing), 0);
  });

  scenario('bytes in chunks of any size give the same blob, whatever is read in between', async (t, { store }) => {
    const sizes = fc.array(fc.oneof(fc.nat(2000), fc.nat(600_000)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), async (lengths, peek) => {
        const chunks = lengths.map((length) => randomBytes(length));
        const whole = Buffer.concat(chunks);
        const writer = await store.blobs.create(whole.length);
        for (const chunk of chunks) {
          await writer.write(chunk);
          if (peek) {
            const seen = Buffer.alloc(writer.size);
            t.equal(await writer.read(seen, 0), writer.size);
            if (!seen.equals(whole.subarray(0, writer.size))) return false;
          }
        }
        const blob = await writer.commit();
        return blob.sha256 === sha256Of(whole) && (await store.blobs.read(blob)).equals(whole);
      }),
      { numRuns: 15 },
    );
  });

  scenario('a chunk may be reused as soon as its write resolves', async (t, { store }) => {
    const writer = await store.blobs.create(6);
    const chunk = Buffer.from('abc');
    await writer.write(chunk);
    chunk.fill('x');
    await writer.write(Buffer.from('def'));
    t.equal((await store.blobs.read(await writer.commit())).toString(), 'abcdef');
  });

  scenario('a checker looks at the bytes before the commit, at any position', async (t, { store }) => {
    const writer = await store.blobs.create(100);
    await writer.write(Buffer.from('0123456789'));
    const target = Buffer.alloc(4);
    t.equal(await writer.read(target, 3), 4);
    t.equal(target.toString(), '3456');
    t.equal(await writer.read(target, 8), 2, 'fewer only at the end');
    t.equal(await writer.read(target, 99), 0);
    await writer.abort();
  });

  scenario('restart begins again at byte 0', async (t, { store }) => {
    const writer = await store.blobs.create(5, { exact: true });
    await writer.write(Buffer.from('wrong'));
    await writer.restart();
    t.equal(writer.size, 0);
    await writer.write(Buffer.from('right'));
    t.equal((await writer.commit()).sha256, sha256Of(Buffer.from('right')));
  });

  scenario('more bytes than reserved are refused, and the writer stays usable', async (t, { store }) => {
    const writer = await store.blobs.create(5);
    await writer.write(Buffer.from('1234'));
    await t.rejects(writer.write(Buffer.from('56')), {
      code: 'RLY_STORAGE_LIMIT',
      fields: { found: 6, bound: 'at most', expected: 5 },
    });
    t.equal(writer.size, 4);
    t.equal((await writer.commit()).size, 4, 'a limit need not be reached');
  });

  scenario('an exact size must be met, and can be after all', async (t, { store }) => {
    const writer = await store.blobs.create(5, { exact: true });
    await writer.write(Buffer.from('1234'));
    await t.rejects(writer.commit(), {
      code: 'RLY_STORAGE_LIMIT',
      fields: { found: 4, bound: 'exactly', expected: 5 },
    });
    await writer.write(Buffer.from('5'));
    t.equal((await writer.commit()).size, 5);
  });

  scenario('abort leaves nothing, may come twice and after a commit', async (t, { store }) => {
    const writer = await store.blobs.create(4);
    await writer.write(Buffer.from('gone'));
    await writer.abort();
    await writer.abort();
    t.notOk(await store.blobs.has({ sha256: sha256Of(Buffer.from('gone')), size: 4 }));
    const other = await store.blobs.create(4);
    await other.write(Buffer.from('kept'));
    const blob = await other.commit();
    await other.abort();
    t.ok(await store.blobs.has(blob));
  });

  scenario('a writer is not used after its end', async (t, { store }) => {
    const writer = await store.blobs.create(4);
    await writer.abort();
    const ended = { code: 'RLY_INTERNAL' };
    await t.rejects(writer.write(Buffer.from('x')), ended);
    await t.rejects(writer.read(Buffer.alloc(1), 0), ended);
    await t.rejects(writer.restart(), ended);
    await t.rejects(writer.commit(), ended);
  });

  scenario('the same bytes twice, also at the same time, are one blob', async (t, { store }) => {
    const bytes = bytesOf('twin');
    const [one, two] = await Promise.all([put(store.blobs, bytes), put(store.blobs, bytes)]);
    t.strictSame(one, two);
    t.strictSame(await put(store.blobs, bytes), one);
    t.equal(store.usage().bytes, bytes.length);
    t.strictSame(await store.blobs.read(one), bytes);
  });

  scenario('a reader gives any range, and knows the end', async (t, { store }) => {
    const blob = await put(store.blobs, Buffer.from('0123456789'));
    await using reader = await store.blobs.open(blob);
    t.match(reader, blob);
    const target = Buffer.alloc(4);
    t.equal(await reader.read(target, 5), 4);
    t.equal(target.toString(), '5678');
    t.equal(await reader.read(target, 8), 2);
    t.equal(await reader.read(target, 10), 0);
    t.equal(await reader.read(target, 1000), 0);
    await reader.close();
    await reader.close();
  });

  scenario(
    'what is not there, has another size or is no hash at all is neither had nor opened',
    async (t, { store }) => {
      const blob = await put(store.blobs, Buffer.from('here'));
      const absent: Blob[] = [
        { sha256: 'f'.repeat(64), size: 4 },
        { ...blob, size: 5 },
        { sha256: '../../format', size: 59 },
        { sha256: blob.sha256.toUpperCase(), size: 4 },
      ];
      for (const wrong of absent) {
        t.notOk(await store.blobs.has(wrong));
        await t.rejects(store.blobs.open(wrong), { code: 'RLY_STORAGE_BLOB_BROKEN', fields: { sha256: wrong.sha256 } });
        await t.rejects(store.blobs.read(wrong), { code: 'RLY_STORAGE_BLOB_BROKEN' });
      }
    },
  );
}

function ledgerCompliance(withLittle: Scenario): void {
  withLittle('a promise counts at once, and ends with the writer', async (t, { store }) => {
    const one = await store.blobs.create(600);
    t.strictSame(store.usage(), { bytes: 0, reserved: 600, maxBytes: 1000 });
    await t.rejects(store.blobs.create(401), { code: 'RLY_STORAGE_FULL', message: /storage\.maxSize is 1000/ });
    const two = await store.blobs.create(400);
    await one.write(bytesOf('x', 10));
    await one.commit();
    t.strictSame(store.usage(), { bytes: 10, reserved: 400, maxBytes: 1000 });
    await two.abort();
    await two.abort();
    t.strictSame(store.usage(), { bytes: 10, reserved: 0, maxBytes: 1000 });
  });

  withLittle(
    'what is held is counted again at the next start, and is still readable under a smaller limit',
    async (t, { store, reopen }) => {
      const blob = await put(store.blobs, bytesOf('x', 990));
      await store.staging.add(stagedOf('x', blob));
      const again = await reopen();
      t.equal(again.usage().bytes, 990);
      await t.rejects(again.blobs.create(11), { code: 'RLY_STORAGE_FULL', fields: { bytes: 11 } });
      t.ok(await again.blobs.read(blob));
    },
  );
}

function stagingCompliance(scenario: Scenario): void {
  scenario('what was added is there after a restart, in its order', async (t, { store, reopen }) => {
    const objects = [];
    for (const name of ['one', 'two', 'three']) {
      objects.push(stagedOf(`pattern/${name}`, await put(store.blobs, bytesOf(name))));
    }
    await Promise.all(objects.map((object) => store.staging.add(object)));
    t.strictSame(store.staging.list(), objects);
    t.strictSame((await reopen()).staging.list(), objects);
  });

  scenario('retain forgets, durably', async (t, { store, reopen }) => {
    const keep = stagedOf('keep', await put(store.blobs, bytesOf('keep')));
    await store.staging.add(keep);
    await store.staging.add(stagedOf('drop', await put(store.blobs, bytesOf('drop'))));
    await store.staging.retain(({ path }) => path === 'keep');
    t.strictSame(store.staging.list(), [keep]);
    t.strictSame((await reopen()).staging.list(), [keep]);
  });

  scenario('an entry whose blob is not there is dropped at the next start', async (t, { store, reopen }) => {
    await store.staging.add(stagedOf('lost', { sha256: 'a'.repeat(64), size: 1 }));
    t.strictSame((await reopen()).staging.list(), []);
  });
}

function fillsCompliance(scenario: Scenario): void {
  scenario('a fill is there after a restart, and its blob is collected by nobody', async (t, { store, reopen }) => {
    const fill = fillOf('one', await put(store.blobs, bytesOf('one')));
    await store.fills.add(fill);
    t.strictSame(store.fills.get('one'), fill);
    t.equal(store.fills.get('two'), undefined);
    t.equal(await store.collect(nothing), 0);
    const again = await reopen();
    t.strictSame(again.fills.list(), [fill]);
    t.strictSame(again.fills.get('one'), fill);
    t.equal(await again.collect(nothing), 0);
    await again.fills.retain(() => false);
    t.equal(again.fills.get('one'), undefined);
    t.equal(await again.collect(nothing), 1000);
  });

  scenario('of two fills with one identity the later counts', async (t, { store, reopen }) => {
    await store.fills.add(fillOf('one', await put(store.blobs, bytesOf('before'))));
    const later = fillOf('one', await put(store.blobs, bytesOf('later')));
    await store.fills.add(later);
    t.strictSame(store.fills.list(), [later]);
    t.equal(await store.collect(nothing), 1000, 'the blob of the first is held no more');
    t.strictSame((await reopen()).fills.list(), [later]);
  });

  scenario('a fill whose blob is not there is dropped at the next start', async (t, { store, reopen }) => {
    await store.fills.add(fillOf('lost', { sha256: 'a'.repeat(64), size: 1 }));
    t.strictSame((await reopen()).fills.list(), []);
  });
}

function responsesCompliance(scenario: Scenario): void {
  scenario('a stored response is there after a restart, and its blob is collected by nobody', async (t, under) => {
    const response = responseOf('hotfix_pccnt/a.exe', await put(under.store.blobs, bytesOf('one')));
    await under.store.responses.add(response);
    t.strictSame(under.store.responses.get(response.key), response);
    t.equal(under.store.responses.get('hotfix_pccnt/b.exe'), undefined);
    t.equal(await under.store.collect(nothing), 0);
    const again = await under.reopen();
    t.strictSame(again.responses.list(), [response]);
    t.equal(await again.collect(nothing), 0);
    await again.responses.retain(() => false);
    t.equal(await again.collect(nothing), 1000);
    t.strictSame((await under.reopen()).responses.list(), []);
  });

  scenario('it is noted before its blob has its name, and the later of two counts', async (t, { store, reopen }) => {
    await store.responses.add(responseOf('a', await put(store.blobs, bytesOf('before'))));
    const writer = await store.blobs.create(1000);
    await writer.write(bytesOf('later'));
    await writer.commit((blob) => store.responses.add(responseOf('a', blob)));
    const later = [responseOf('a', { sha256: sha256Of(bytesOf('later')), size: 1000 })];
    t.strictSame(store.responses.list(), later);
    t.equal(await store.collect(nothing), 1000, 'the blob of the first is held no more');
    t.strictSame((await reopen()).responses.list(), later);
  });

  scenario('one that was found unchanged is renewed, also for the next start', async (t, { store, reopen }) => {
    const before = responseOf('a', await put(store.blobs, bytesOf('a')));
    await store.responses.add(before);
    await store.responses.add(responseOf('b', await put(store.blobs, bytesOf('b'))));
    const renewed = { ...before, checkedAt: '2026-11-23T20:00:00.000Z', fields: {} };
    store.responses.renew(renewed);
    t.strictSame(store.responses.get('a'), renewed);
    store.responses.renew({ ...renewed, key: 'c' });
    store.responses.renew({ ...renewed, key: 'b' });
    t.match(store.responses.get('b'), { sha256: sha256Of(bytesOf('b')), checkedAt: before.checkedAt });
    const again = await reopen();
    t.strictSame(again.responses.get('a'), renewed);
    t.equal(again.responses.list().length, 2);
    again.responses.renew(before);
    await again.responses.retain(({ key }) => key === 'a');
    t.strictSame((await reopen()).responses.list(), [before], 'with the next write of the list, too');
  });

  scenario('one whose blob is not there is dropped at the next start', async (t, { store, reopen }) => {
    await store.responses.add(responseOf('lost', { sha256: 'a'.repeat(64), size: 1 }));
    t.strictSame((await reopen()).responses.list(), []);
  });
}

const FROM = { source: 'http://127.0.0.1/download', etag: '"strong"', lastModified: null };

function partsCompliance(scenario: Scenario): void {
  const bytes = bytesOf('a part', 700_000);

  async function begun(store: Store, upTo: number, part = 'identity') {
    const writer = await store.blobs.create(bytes.length, { exact: true, part });
    await writer.note(FROM);
    await writer.write(bytes.subarray(0, upTo));
    return writer;
  }

  scenario(
    'a part that was kept is gone on with, where it ended, also after a restart',
    async (t, { store, reopen }) => {
      const first = await begun(store, 300_000);
      t.equal(first.found, null);
      await first.keep();
      await first.keep();
      t.match(store.usage(), { bytes: 300_000, reserved: 0 });
      const second = await store.blobs.create(bytes.length, { exact: true, part: 'identity' });
      t.equal(second.size, 300_000);
      t.match(second.found, FROM);
      t.match(store.usage(), { bytes: 0, reserved: bytes.length });
      await second.write(bytes.subarray(300_000, 400_000));
      await second.keep();

      const again = await reopen();
      t.equal(again.recovery.parts, 1);
      t.match(again.usage(), { bytes: 400_000, reserved: 0 });
      const third = await again.blobs.create(bytes.length, { exact: true, part: 'identity' });
      t.match({ size: third.size, found: third.found }, { size: 400_000, found: FROM });
      const seen = Buffer.alloc(10);
      await third.read(seen, 250_000);
      t.strictSame(seen, bytes.subarray(250_000, 250_010));
      await third.write(bytes.subarray(400_000));
      const blob = await third.commit();
      t.strictSame(blob, { sha256: sha256Of(bytes), size: bytes.length });
      t.strictSame(await again.blobs.read(blob), bytes);
      t.equal((await reopen()).recovery.parts, 0);
    },
  );

  scenario(
    'nothing is left of a part that was given up, or of whose bytes nobody said where they are from',
    async (t, { store }) => {
      await (await begun(store, 1000)).abort();
      const unnoted = await store.blobs.create(bytes.length, { part: 'identity' });
      t.equal(unnoted.size, 0);
      await unnoted.write(bytes.subarray(0, 1000));
      await unnoted.keep();
      const after = await store.blobs.create(bytes.length, { part: 'identity' });
      t.match({ size: after.size, found: after.found }, { size: 0, found: null });
      await after.keep();
      t.match(store.usage(), { bytes: 0, reserved: 0 });
    },
  );

  scenario('a writer that is no part keeps nothing', async (t, { store }) => {
    const writer = await store.blobs.create(10);
    await writer.note(FROM);
    await writer.write(Buffer.from('1234'));
    await writer.keep();
    t.match(store.usage(), { bytes: 0, reserved: 0 });
  });

  scenario('restart throws away the bytes of a part too', async (t, { store }) => {
    const writer = await begun(store, 300_000);
    await writer.restart();
    await writer.note({ ...FROM, etag: null });
    await writer.write(bytes.subarray(0, 5));
    await writer.keep();
    const after = await store.blobs.create(bytes.length, { part: 'identity' });
    t.match({ size: after.size, found: after.found }, { size: 5, found: { etag: null } });
    await after.abort();
  });

  scenario('parts that are not to be kept are deleted, except those in somebody’s hands', async (t, { store }) => {
    await (await begun(store, 10, 'kept')).keep();
    await (await begun(store, 20, 'dropped')).keep();
    const open = await begun(store, 40, 'open');
    await store.blobs.retainParts((part) => part === 'kept');
    t.match(store.usage(), { bytes: 10 });
    await open.write(bytes.subarray(40));
    t.equal((await open.commit()).sha256, sha256Of(bytes));
  });
}

function roomCompliance(withLittle: Scenario): void {
  withLittle(
    'where room is lacking, parts go first, then the fills that were used least recently',
    async (t, { store }) => {
      const fills = [];
      for (const name of ['a', 'b', 'c']) fills.push(fillOf(name, await put(store.blobs, bytesOf(name, 250))));
      for (const fill of fills) await store.fills.add(fill);
      store.fills.get('a');
      const part = await store.blobs.create(200, { part: 'part' });
      await part.note(FROM);
      await part.write(bytesOf('part', 200));
      await part.keep();
      t.match(store.usage(), { bytes: 950 });

      await (await store.blobs.create(250)).abort();
      t.match(store.usage(), { bytes: 750 }, 'the part was enough');
      await (await store.blobs.create(300)).abort();
      t.strictSame(
        store.fills.list().map(({ identity }) => identity),
        ['c', 'a'],
      );
      t.match(store.usage(), { bytes: 500 });
    },
  );

  withLittle('bug: a part went to make room for its own download', async (t, { store }) => {
    const old = await put(store.blobs, bytesOf('old', 400));
    await store.fills.add(fillOf('old', old));
    const part = await store.blobs.create(600, { part: 'part' });
    await part.note(FROM);
    await part.write(bytesOf('part', 500));
    await part.keep();
    const again = await store.blobs.create(600, { part: 'part' });
    t.equal(again.size, 500, 'it is gone on with');
    t.ok(await store.blobs.has(old), 'and nothing else had to go');
    t.match(store.usage(), { bytes: 400, reserved: 600 });
    await again.keep();
    t.match(store.usage(), { bytes: 900, reserved: 0 });
    await t.rejects(store.blobs.create(1001, { part: 'part' }), { code: 'RLY_STORAGE_FULL' });
    t.match(store.usage(), { bytes: 900, reserved: 0 }, 'there being no room costs it nothing');
  });

  withLittle('bug: a part was deleted under whoever had just gone on with it', async (t, { store }) => {
    for (let turns = 0; turns < 24; turns += 1) {
      const name = `part ${turns}`;
      const begun = await store.blobs.create(100, { part: name });
      await begun.note(FROM);
      await begun.write(bytesOf(name, 50));
      await begun.keep();
      for (const key of ['a', 'b', 'c']) await store.fills.add(fillOf(key, await put(store.blobs, bytesOf(key, 100))));
      const large = store.blobs.create(880).then(
        (writer) => writer.abort(),
        () => {},
      );
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      const again = await store.blobs.create(100, { part: name }).catch(() => null);
      if (again) {
        await again.write(bytesOf(name, 100).subarray(again.size));
        const blob = await again.commit();
        t.equal(blob.sha256, sha256Of(bytesOf(name, 100)), `after ${turns} turns`);
        await store.fills.add(fillOf('again', blob));
      }
      await large;
    }
  });

  withLittle('what is read, and what all would not be enough for, costs nothing', async (t, { store }) => {
    const blob = await put(store.blobs, bytesOf('read', 400));
    await store.fills.add(fillOf('read', blob));
    await store.fills.add(fillOf('other', await put(store.blobs, bytesOf('other', 400))));
    await t.rejects(store.blobs.create(1001), { code: 'RLY_STORAGE_FULL' });
    t.equal(store.fills.list().length, 2);
    await using _ = await store.blobs.open(blob);
    await t.rejects(store.blobs.create(700), { code: 'RLY_STORAGE_FULL' });
    t.equal(store.fills.list().length, 2);
    await (await store.blobs.create(500)).abort();
    t.strictSame(
      store.fills.list().map(({ identity }) => identity),
      ['read'],
    );
  });

  withLittle('a fill whose bytes a generation needs too does not go', async (t, { store }) => {
    const blob = await put(store.blobs, bytesOf('shared', 100));
    const index = await put(store.blobs, bytesOf('index', 10));
    await store.generations.publish(draftOf(index, [objectOf('pattern/shared.zip', blob)]), PUBLISHED_AT);
    await store.fills.add(fillOf('shared', blob));
    await t.rejects(store.blobs.create(900), { code: 'RLY_STORAGE_FULL' });
    t.ok(await store.blobs.has(blob));
  });

  withLittle('stored responses go before fills, the least recently used first', async (t, { store }) => {
    await store.fills.add(fillOf('fill', await put(store.blobs, bytesOf('fill', 250))));
    for (const key of ['a', 'b', 'c']) {
      await store.responses.add(responseOf(key, await put(store.blobs, bytesOf(key, 250))));
    }
    store.responses.get('a');
    await (await store.blobs.create(300)).abort();
    t.strictSame(
      store.responses.list().map(({ key }) => key),
      ['a'],
    );
    t.equal(store.fills.list().length, 1);
    await (await store.blobs.create(1000)).abort();
    t.strictSame([...store.responses.list(), ...store.fills.list()], []);
    t.match(store.usage(), { bytes: 0 });
  });

  withLittle('what nothing holds goes before anything else', async (t, { store }) => {
    await store.fills.add(fillOf('fill', await put(store.blobs, bytesOf('fill', 300))));
    await put(store.blobs, bytesOf('orphan', 300));
    const index = await put(store.blobs, bytesOf('index', 10));
    await store.generations.publish(draftOf(index, []), PUBLISHED_AT);
    await (await store.blobs.create(500)).abort();
    t.strictSame(
      store.fills.list().map(({ identity }) => identity),
      ['fill'],
    );
    t.match(store.usage(), { bytes: 310 });
  });
}

function notesCompliance(scenario: Scenario): void {
  scenario('a note is read as it was last written, at once and after a restart', async (t, { store, reopen }) => {
    t.equal(store.notes.read('sources'), undefined);
    await store.notes.write('sources', { a: [1, null, 'ü'] });
    await store.notes.write('instance', 'this one');
    await store.notes.write('sources', { b: 2 });
    t.strictSame(store.notes.read('sources'), { b: 2 });
    const again = await reopen();
    t.strictSame(again.notes.read('sources'), { b: 2 });
    t.equal(again.notes.read('instance'), 'this one');
    t.equal(again.recovery.notesForgotten, null);
  });

  scenario('of notes that are written at the same time the last one counts', async (t, { store, reopen }) => {
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    await Promise.all(numbers.map((number) => store.notes.write('sources', { number })));
    t.strictSame((await reopen()).notes.read('sources'), { number: 49 });
  });

  scenario('a note is a copy: neither writer nor reader changes it afterwards', async (t, { store }) => {
    const value = { list: [1] };
    await store.notes.write('sources', value);
    value.list.push(2);
    (store.notes.read('sources') as typeof value).list.push(3);
    t.strictSame(store.notes.read('sources'), { list: [1] });
  });

  scenario('what is being written is written before the store is given free, and nothing later', async (t, under) => {
    const { store, reopen } = under;
    const writing = store.notes.write('instance', 'before');
    const again = await reopen();
    await writing;
    await store.notes.write('instance', 'after');
    t.equal(again.notes.read('instance'), 'before');
    t.equal((await reopen()).notes.read('instance'), 'before');
  });
}

function generationCompliance(scenario: Scenario): void {
  scenario('an empty store has none', async (t, { store }) => {
    t.equal(store.generations.current(), undefined);
    t.strictSame(store.generations.list(), []);
    t.equal(store.generations.get(1), undefined);
    t.strictSame(store.recovery, {
      temporariesSwept: 0,
      pointerMended: null,
      generationsRefused: [],
      generationLacking: null,
      blobs: 0,
      parts: 0,
      notesForgotten: null,
      unknown: [],
    });
  });

  scenario(
    'a published generation is current, numbered, and the same after a restart',
    async (t, { store, reopen }) => {
      const first = await draftIn(store.blobs, 'index 1', ['a', 'b']);
      const published = await store.generations.publish(first, PUBLISHED_AT);
      t.strictSame(published, { ...first, number: 1, publishedAt: PUBLISHED_AT.toISOString() });
      const second = await draftIn(store.blobs, 'index 2', ['b', 'c']);
      t.equal((await store.generations.publish(second, PUBLISHED_AT)).number, 2);
      t.equal(store.generations.current()?.number, 2);

      const { generations } = await reopen();
      t.equal(generations.current()?.number, 2);
      t.strictSame(
        generations.list().map(({ number }) => number),
        [2, 1],
      );
      t.strictSame(generations.get(1), published);
      t.equal((await generations.publish(first, PUBLISHED_AT)).number, 3);
    },
  );

  scenario('a draft that lacks a blob is not published, and nothing changes', async (t, { store }) => {
    const draft = await draftIn(store.blobs, 'index', ['a']);
    await store.generations.publish(draft, PUBLISHED_AT);
    const lost = objectOf('pattern/lost.zip', { sha256: 'b'.repeat(64), size: 3 });
    const torn = draftOf(draft.index, [...draft.objects, lost]);
    await t.rejects(store.generations.publish(torn, PUBLISHED_AT), {
      code: 'RLY_STORAGE_BLOB_BROKEN',
      fields: { sha256: lost.sha256 },
    });
    t.equal(store.generations.current()?.number, 1);
    t.equal(store.generations.list().length, 1);
  });

  scenario('a draft that no start could read again is a bug, and not published', async (t, { store }) => {
    const draft = await draftIn(store.blobs, 'index', ['a']);
    await t.rejects(store.generations.publish({ ...draft, index: { ...draft.index, size: -1 } }, PUBLISHED_AT), {
      code: 'RLY_INTERNAL',
      message: /index\/size/,
    });
    t.equal(store.generations.current(), undefined);
  });

  scenario('publishing empties the staging', async (t, { store, reopen }) => {
    const draft = await draftIn(store.blobs, 'index', ['a']);
    for (const object of draft.objects) await store.staging.add({ ...object, index: draft.index.sha256 });
    await store.generations.publish(draft, PUBLISHED_AT);
    t.strictSame(store.staging.list(), []);
    t.strictSame((await reopen()).staging.list(), []);
  });

  scenario('generations published at the same time each get a number of their own', async (t, { store }) => {
    const draft = await draftIn(store.blobs, 'index', ['a']);
    const all = await Promise.all([1, 2, 3].map(() => store.generations.publish(draft, PUBLISHED_AT)));
    t.strictSame(
      all.map(({ number }) => number),
      [1, 2, 3],
    );
  });
}

function collectionCompliance(scenario: Scenario): void {
  const publish = async (store: Store, names: readonly string[]) =>
    store.generations.publish(await draftIn(store.blobs, `index of ${names.join()}`, names), PUBLISHED_AT);
  const blobOf = (name: string): Blob => ({ sha256: sha256Of(bytesOf(name)), size: bytesOf(name).length });

  scenario(
    'keeps the newest, the pinned and what they share; answers the bytes freed',
    async (t, { store, reopen }) => {
      for (const names of [['a', 'shared'], ['b'], ['c'], ['d', 'shared']]) await publish(store, names);
      t.equal(await store.collect(new Set([2, 99])), 2000, 'the index of 1, and a');
      t.strictSame(
        store.generations.list().map(({ number }) => number),
        [4, 3, 2],
      );
      t.notOk(await store.blobs.has(blobOf('a')));
      for (const name of ['b', 'c', 'd', 'shared']) t.ok(await store.blobs.has(blobOf(name)));
      t.equal(await store.collect(new Set([2])), 0, 'nothing left to do');
      t.equal(await store.collect(nothing), 2000, 'unpinned, 2 goes');
      const again = await reopen();
      t.strictSame(
        again.generations.list().map(({ number }) => number),
        [4, 3],
      );
      t.strictSame(again.recovery.generationsRefused, []);
    },
  );

  scenario('spares what an open reader reads, until it is closed', async (t, { store }) => {
    for (const names of [['a'], ['b'], ['c']]) await publish(store, names);
    const one = await store.blobs.open(blobOf('a'));
    const two = await store.blobs.open(blobOf('a'));
    await one.close();
    await one.close();
    t.equal(await store.collect(nothing), 1000, 'the index of 1 alone');
    t.equal(await two.read(Buffer.alloc(1000), 0), 1000);
    await two.close();
    t.equal(await store.collect(nothing), 1000);
  });

  scenario(
    'spares what is staged, and what a writer brought and nothing mentions yet',
    async (t, { store, reopen }) => {
      await put(store.blobs, bytesOf('fresh'));
      await store.staging.add(stagedOf('staged', await put(store.blobs, bytesOf('staged'))));
      const writer = await store.blobs.create(10);
      t.equal(await store.collect(nothing), 0);
      t.ok(await store.blobs.has(blobOf('fresh')));
      await writer.abort();
      await publish(store, ['x']);
      t.equal(await store.collect(nothing), 2000, 'not in what was published: both go');

      await put(store.blobs, bytesOf('fresh'));
      const again = await reopen();
      t.ok(await again.blobs.has(blobOf('fresh')), 'a start deletes nothing');
      t.equal(await again.collect(nothing), 1000);
    },
  );

  scenario('runs beside writers, readers and publications without taking what they need', async (t, { store }) => {
    for (let round = 0; round < 12; round += 1) {
      const names = [`name ${round % 3}`, `name ${(round + 1) % 3}`];
      const [published] = await Promise.all([publish(store, names), store.collect(nothing), store.collect(nothing)]);
      for (const object of published.objects) await store.blobs.read(object);
    }
    await store.collect(nothing);
    t.equal(store.generations.list().length, 2);
    t.equal(store.usage().bytes, 1000 * (3 + 2), 'three objects, two indexes');
  });
}
