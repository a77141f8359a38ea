import { hash } from 'node:crypto';
import t from 'tap';
import { refuseEquivocation, seenContents } from '../../src/flight/equivocation.ts';
import type { GenerationObject } from '../../src/ports/generation.ts';
import { bufferReader } from '../support/buffer-reader.ts';
import { recordedEvents } from '../support/recorded-events.ts';

const bytes = Buffer.alloc(600_000, 'what it was');
const other = Buffer.from(bytes).fill('!', 599_999);
const source = { url: 'http://user:secret@server/download', type: 'customized' } as const;
const item = { path: 'pattern/a b.zip', kind: 'pattern', version: '1', size: bytes.length } as const;
const object: GenerationObject = {
  ...item,
  component: 'P.4',
  sha256: hash('sha256', bytes),
  proof: 'structure',
  source: source.url,
  fetchedAt: '',
};

/** A memory in which `objects` were seen, and events. */
function memory(objects: readonly GenerationObject[]) {
  const seen = new Map(seenContents(objects).map(({ identity, sha256 }) => [identity, sha256]));
  const store = { identities: { get: (identity: string) => seen.get(identity), remember: async () => {} } };
  return { store, events: recordedEvents() };
}

t.test('the same bytes under the same identity pass', async (t) => {
  const context = memory([object]);
  await refuseEquivocation(bufferReader(bytes), item, source, context);
  await refuseEquivocation(bufferReader(bytes), { ...item, path: 'Pattern/A b.ZIP' }, source, context);
  t.strictSame(context.events.of('source.suspect'), []);
});

t.test('other bytes are refused and alarmed, whatever the case of the path and the source', async (t) => {
  const context = memory([object]);
  const url = 'http://server/download/Pattern/a%20b.zip';
  await t.rejects(refuseEquivocation(bufferReader(other), { ...item, path: 'Pattern/a b.zip' }, source, context), {
    code: 'RLY_UPSTREAM_EQUIVOCATION',
    fields: { url, found: hash('sha256', other), expected: object.sha256 },
  });
  t.match(context.events.of('source.suspect'), [{ code: 'RLY_UPSTREAM_EQUIVOCATION', error: /^http:\/\/server/ }]);
});

t.test('another version, size or path is another thing, and what was never seen is not even read', async (t) => {
  const context = memory([object]);
  const unreadable = { size: 1, read: () => Promise.reject(new Error('it was read')) };
  for (const change of [{ version: '2' }, { version: null }, { size: 5 }, { path: 'pattern/b.zip' }]) {
    await refuseEquivocation(unreadable, { ...item, ...change }, source, context);
  }
  await refuseEquivocation(unreadable, item, source, memory([]));
  t.strictSame(context.events.of('source.suspect'), []);
});

t.test('of signatures nothing is known: their name recurs with each release', async (t) => {
  t.strictSame(seenContents([{ ...object, kind: 'signature', version: null }]), []);
  const signature = { path: 'pattern/a.sig', kind: 'signature', version: null, size: null } as const;
  await refuseEquivocation(bufferReader(other), signature, source, memory([object]));
});

t.test('empty content has a hash too', async (t) => {
  const nothing = Buffer.alloc(0);
  const empty = { ...object, size: 0, sha256: hash('sha256', nothing) };
  await t.resolves(refuseEquivocation(bufferReader(nothing), { ...item, size: 0 }, source, memory([empty])));
});
