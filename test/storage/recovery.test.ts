import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Test } from 'tap';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../storage/open-store.ts';
import { needs } from '../support/tool.ts';
import { bytesOf, draftIn, draftOf, objectOf, PUBLISHED_AT, put, sha256Of, stagedOf } from './sample.ts';
import { assertSound } from './sound.ts';
import { MIB, openAt, temporaryFolder, transplant } from './store-folder.ts';

const options = { maxSize: MIB, minFree: 0, keepGenerations: 3 };

/** A folder in which `work` was done and the store closed. */
async function folderAfter(t: Test, work: (store: Store) => Promise<void>): Promise<string> {
  const path = temporaryFolder(t);
  await using store = await disposable(path);
  await work(store.store);
  return path;
}

async function disposable(path: string) {
  const store = await openStore({ ...options, path });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

async function publish(store: Store, index: string, names: readonly string[]): Promise<void> {
  await store.generations.publish(await draftIn(store.blobs, index, names), PUBLISHED_AT);
}

const twoGenerations = async (store: Store): Promise<void> => {
  await publish(store, 'index 1', ['a', 'b']);
  await publish(store, 'index 2', ['b', 'c']);
};

t.test('a pointer that cannot be trusted falls back to the newest whole generation, and is mended', async (t) => {
  const valid = readFileSync(join(await folderAfter(t, twoGenerations), 'current'), 'utf8');
  const states: Record<string, { readonly reason: string; make(path: string): void; readonly options?: object }> = {
    gone: { reason: 'it is gone', make: (path) => rmSync(path) },
    empty: { reason: 'it is torn or was altered', make: (path) => truncateSync(path) },
    torn: { reason: 'it is torn or was altered', make: (path) => truncateSync(path, 20) },
    garbage: { reason: 'it is torn or was altered', make: (path) => writeFileSync(path, Buffer.alloc(67, 0xff)) },
    'a number without its checksum': {
      reason: 'it is torn or was altered',
      make: (path) => writeFileSync(path, '1\n'),
    },
    'a number changed': {
      reason: 'it is torn or was altered',
      make: (path) => writeFileSync(path, valid.replace('2 ', '1 ')),
    },
    'a link': {
      reason: 'it is a link',
      make: (path) => {
        writeFileSync(`${path}.old`, valid);
        rmSync(path);
        symlinkSync(`${path}.old`, path);
      },
    },
    'a folder': {
      reason: 'it is no regular file',
      make: (path) => {
        rmSync(path);
        mkdirSync(join(path, 'in the way'), { recursive: true });
      },
    },
    'a FIFO': {
      reason: 'it is no regular file',
      make: (path) => {
        rmSync(path);
        spawnSync('mkfifo', [path]);
      },
      options: needs('mkfifo'),
    },
  };
  for (const [name, state] of Object.entries(states)) {
    t.test(name, state.options ?? {}, async (t) => {
      const path = await folderAfter(t, twoGenerations);
      state.make(join(path, 'current'));
      const store = await openStore({ ...options, path });
      t.equal(store.generations.current()?.number, 2);
      t.equal(store.recovery.pointerMended, state.reason);
      await store.close();
      const again = await openAt(t, path);
      t.equal(again.recovery.pointerMended, null, 'mended on disk too');
      t.equal(again.generations.current()?.number, 2);
    });
  }
});

t.test('a pointer to a generation that is not there falls back, and its number is not given again', async (t) => {
  const path = await folderAfter(t, twoGenerations);
  rmSync(join(path, 'generations', '2'));
  const store = await openAt(t, path);
  t.equal(store.generations.current()?.number, 1);
  t.equal(store.recovery.pointerMended, 'it names generation 2, which is not whole');
  await publish(store, 'index 3', ['a']);
  t.equal(store.generations.current()?.number, 3);
});

t.test('a generation file that is torn, altered or no file is refused, and blocks nothing', async (t) => {
  const states: Record<string, [reason: string, make: (path: string) => void]> = {
    torn: ['it does not match its checksum', (path) => truncateSync(path, 300)],
    empty: ['it does not begin as a generation does', (path) => truncateSync(path)],
    'another generation': ['it says it is generation 1', (path) => cpSync(join(path, '..', '1'), path)],
    'a folder': [
      'it is no regular file',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  };
  for (const [name, [reason, make]] of Object.entries(states)) {
    const path = await folderAfter(t, twoGenerations);
    make(join(path, 'generations', '2'));
    const store = await openAt(t, path);
    t.equal(store.generations.current()?.number, 1, name);
    t.strictSame(store.recovery.generationsRefused, [{ number: 2, reason }]);
    t.ok(existsSync(join(path, 'generations', '2')), 'left for people to look at');
    await publish(store, 'index 3', ['a']);
    t.equal(store.generations.current()?.number, 3);
    await store.collect(new Set());
    t.ok(existsSync(join(path, 'generations', '2')), 'while it is among the newest');
    await publish(store, 'index 4', ['a']);
    await publish(store, 'index 5', ['a']);
    await store.collect(new Set());
    t.notOk(existsSync(join(path, 'generations', '2')), 'and not for ever');
    t.strictSame(
      store.generations.list().map(({ number }) => number),
      [5, 4, 3],
    );
  }
});

t.test('nothing whole is left: no generation, and the next is published above all numbers ever seen', async (t) => {
  const path = await folderAfter(t, twoGenerations);
  truncateSync(join(path, 'generations', '1'), 100);
  truncateSync(join(path, 'generations', '2'), 100);
  const store = await openAt(t, path);
  t.equal(store.generations.current(), undefined);
  t.equal(store.recovery.generationsRefused.length, 2);
  await publish(store, 'index 3', ['a']);
  t.equal(store.generations.current()?.number, 3);
});

t.test('death at each step of a publication loses nothing and publishes nothing twice', async (t) => {
  const stage = async (store: Store): Promise<void> => {
    await publish(store, 'index 1', ['a', 'b']);
    const draft = await draftIn(store.blobs, 'index 2', ['c', 'd']);
    for (const object of draft.objects) await store.staging.add({ ...object, index: draft.index.sha256 });
  };
  const before = await folderAfter(t, stage);
  const after = await folderAfter(t, async (store) => {
    await stage(store);
    await publish(store, 'index 2', ['c', 'd']);
  });
  // What of the later folder was on disk already when the process died.
  const steps: Record<string, { done: string[]; current: number; staged: number; swept: number }> = {
    'before the generation is written': { done: [], current: 1, staged: 2, swept: 0 },
    'before the generation is renamed': { done: ['tmp'], current: 1, staged: 2, swept: 1 },
    'before the pointer': { done: ['generations'], current: 1, staged: 2, swept: 1 },
    'before the staging is emptied': { done: ['generations', 'current'], current: 2, staged: 0, swept: 0 },
    'after the last step': { done: ['generations', 'current', 'staging'], current: 2, staged: 0, swept: 0 },
  };
  cpSync(join(after, 'generations', '2'), join(after, 'tmp', crypto.randomUUID()));
  for (const [name, { done, current, staged, swept }] of Object.entries(steps)) {
    const path = temporaryFolder(t);
    cpSync(before, path, { recursive: true });
    transplant(after, path, done);
    const store = await openAt(t, path);
    t.equal(store.generations.current()?.number, current, name);
    t.equal(store.staging.list().length, staged, name);
    t.equal(store.recovery.temporariesSwept, swept, name);
    t.equal(store.recovery.pointerMended, null, name);
    await assertSound(t, path, store, name);
  }
});

t.test('a collection killed between a generation and its blobs leaves waste, and the next one takes it', async (t) => {
  const path = await folderAfter(t, twoGenerations);
  rmSync(join(path, 'generations', '1'));
  const store = await openAt(t, path);
  t.strictSame(store.recovery.generationsRefused, []);
  t.equal(store.usage().bytes, 5000);
  t.equal(await store.collect(new Set()), 2000, 'the index of 1, and a');
});

t.test(
  'a signature staged for a newer index outlives a start, though the current generation has the same bytes',
  async (t) => {
    const path = await folderAfter(t, async ({ blobs, generations, staging }) => {
      const blob = await put(blobs, bytesOf('v_239.sig'));
      const index = await put(blobs, bytesOf('index'));
      const published = { ...objectOf('v_239.sig', blob), kind: 'signature' } as const;
      await generations.publish(draftOf(index, [published]), PUBLISHED_AT);
      for (const other of [index.sha256, 'f'.repeat(64)]) await staging.add({ ...published, index: other });
    });
    const { staging } = await openAt(t, path);
    t.strictSame(
      staging.list().map(({ index }) => index),
      ['f'.repeat(64)],
      'the one of the current index is published already',
    );
  },
);

t.test(
  'bug: one blob lost cost all others of its generation: the next update had them collected, and fetched them again',
  async (t) => {
    const lost = bytesOf('c');
    const left = async (path: string) => {
      rmSync(join(path, 'blobs', sha256Of(lost).slice(0, 2), sha256Of(lost)));
      const store = await openAt(t, path);
      const paths = () => store.staging.list().map((object) => object.path);
      const before = paths();
      await store.collect(new Set());
      for (const object of store.staging.list()) await store.blobs.read(object);
      await store.close();
      t.strictSame(
        (await openAt(t, path)).staging.list().map((object) => object.path),
        before,
        'durable',
      );
      return before;
    };
    const newest = await folderAfter(t, async (store) => {
      await publish(store, 'index 1', ['a', 'b']);
      await publish(store, 'index 2', ['b', 'c', 'd']);
    });
    t.strictSame(await left(newest), ['pattern/d'], 'b is in the current generation');
    const only = await folderAfter(t, (store) => publish(store, 'index 1', ['b', 'c', 'd']));
    t.strictSame(await left(only), [], 'it is served, and so nothing is left over');
    const older = await folderAfter(t, async (store) => {
      await publish(store, 'index 1', ['c', 'd']);
      await publish(store, 'index 2', ['a']);
    });
    t.strictSame(await left(older), [], 'what is older than the current one is of no use');
  },
);

t.test('staging that is torn, gone or no file costs at most what was torn', async (t) => {
  const staged = async (store: Store): Promise<void> => {
    for (const name of ['one', 'two']) await store.staging.add(stagedOf(name, await put(store.blobs, bytesOf(name))));
  };
  const states: Record<string, [left: string[], make: (path: string) => void]> = {
    'torn at its end': [['one'], (path) => truncateSync(path, readFileSync(path).length - 10)],
    gone: [[], (path) => rmSync(path)],
    'a folder': [
      [],
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  };
  for (const [name, [left, make]] of Object.entries(states)) {
    const path = await folderAfter(t, staged);
    make(join(path, 'staging'));
    const store = await openStore({ ...options, path });
    const paths = (it: Store) => it.staging.list().map((object) => object.path);
    t.strictSame(paths(store), left, name);
    await store.staging.add(stagedOf('three', await put(store.blobs, bytesOf('three'))));
    await store.close();
    t.strictSame(paths(await openAt(t, path)), [...left, 'three'], name);
  }
});

t.test('notes that are torn, altered or no file are forgotten, which is told, and can be written again', async (t) => {
  const noted = async ({ notes }: Store): Promise<void> => {
    await notes.write('sources', { some: 'source' });
    await notes.write('instance', 'the last line');
  };
  const damaged = '1 of its lines are torn or were altered';
  const states: Record<string, [told: string | null, left: unknown, make: (path: string) => void]> = {
    gone: [null, undefined, (path) => rmSync(path)],
    empty: [null, undefined, (path) => truncateSync(path)],
    'torn at its end': [damaged, { some: 'source' }, (path) => truncateSync(path, readFileSync(path).length - 5)],
    altered: [damaged, undefined, (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('some', 'same'))],
    garbage: [damaged, undefined, (path) => writeFileSync(path, Buffer.alloc(300, 0xff))],
    'a folder': [
      'the file notes is no regular file',
      undefined,
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
    'a link': [
      'the file notes is a link',
      undefined,
      (path) => {
        rmSync(path);
        symlinkSync('/etc/hostname', path);
      },
    ],
  };
  for (const [name, [told, left, make]] of Object.entries(states)) {
    const path = await folderAfter(t, noted);
    make(join(path, 'notes'));
    const store = await openStore({ ...options, path });
    t.equal(store.recovery.notesForgotten, told, name);
    t.strictSame(store.notes.read('sources'), left, name);
    await store.notes.write('sources', 'mended');
    await store.close();
    const again = await openAt(t, path);
    t.equal(again.recovery.notesForgotten, null, name);
    t.equal(again.notes.read('sources'), 'mended', name);
  }
});

t.test('a note that the disk refuses is an error, and holds as long as the process lives', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  rmSync(join(path, 'tmp'), { recursive: true });
  await t.rejects(store.notes.write('instance', 'this one'), { code: 'RLY_STORAGE_IO' });
  t.equal(store.notes.read('instance'), 'this one');
  mkdirSync(join(path, 'tmp'));
  await store.notes.write('sources', 1);
  t.match(readFileSync(join(path, 'notes'), 'utf8'), /this one/, 'the next write has it');
});

t.test('a generation that cannot be written is no publication', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path);
  await publish(store, 'index 1', ['a']);
  const draft = await draftIn(store.blobs, 'index 2', ['b']);
  rmSync(join(path, 'tmp'), { recursive: true });
  await t.rejects(store.generations.publish(draft, PUBLISHED_AT), { code: 'RLY_STORAGE_IO' });
  t.equal(store.generations.current()?.number, 1);
  mkdirSync(join(path, 'tmp'));
  const { number } = await store.generations.publish(draft, PUBLISHED_AT);
  t.ok(number > 1);
});

t.test('one file that cannot be deleted keeps nothing else from collection, and is tried again', async (t) => {
  const path = temporaryFolder(t);
  const store = await openAt(t, path, { keepGenerations: 1 });
  await publish(store, 'index 1', ['a', 'b']);
  const [stuck] = store.generations.list()[0]?.objects ?? [];
  await publish(store, 'index 2', ['c']);
  const file = join(path, 'blobs', (stuck?.sha256 ?? '').slice(0, 2), stuck?.sha256 ?? '');
  rmSync(file);
  mkdirSync(join(file, 'in the way'), { recursive: true });
  await t.rejects(store.collect(new Set()), { code: 'RLY_STORAGE_IO', fields: { path: file } });
  t.match(store.usage(), { bytes: 3000 }, 'the index of 1 and b went, a stays on the books');
  rmSync(file, { recursive: true });
  t.equal(await store.collect(new Set()), 1000);
});
