import t, { type Test } from 'tap';
import { Value } from 'typebox/value';
import { createCatalogue } from '../../src/lab/release.ts';
import { generationDiffSchema } from '../../src/telemetry/generation-diff.ts';
import { generationSchema, generationsSchema } from '../../src/telemetry/generations.ts';
import { objectsSchema } from '../../src/telemetry/objects.ts';
import { sourcesSchema } from '../../src/telemetry/sources.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';

const catalogue = createCatalogue({ shape: 'small' });

/** A relay that has mirrored these releases, and its answers as JSON. */
async function site(t: Test, releases: readonly number[], settings: Readonly<Record<string, string>> = {}) {
  const lab = await labServerFor(t, { kind: 'officeScanServer' });
  const relay = await relayFor(t, { ...(await relayEnv(t, lab.url)), ...settings }, { limits: { tries: 1 } });
  for (const number of releases) {
    lab.publish(catalogue.release(number));
    await relay.mirror.update('administrator');
  }
  const ask = async (path: string) => {
    const answer = await fetch(`${relay.adminUrl}/api/v1/${path}`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { lab, relay, ask };
}

t.test('GET /api/v1/generations', async (t) => {
  const { relay, ask } = await site(t, [1, 2, 3], { RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '0B' });
  await (await fetch(`${relay.agentsUrl}/activeupdate/server.ini`)).text();

  t.test('lists them, the newest first, with what is on disk and what on demand', async (t) => {
    const { body } = await ask('generations');
    t.ok(Value.Check(generationsSchema, body));
    const { objects = [], onDemand = [] } = relay.store.generations.current() ?? {};
    t.match(body, {
      total: 3,
      offset: 0,
      items: [
        {
          number: 3,
          current: true,
          inUse: true,
          onDisk: { objects: objects.length },
          onDemand: { objects: onDemand.length, bytes: onDemand.reduce((sum, { size }) => sum + size, 0) },
        },
        { number: 2, current: false, inUse: false },
        { number: 1 },
      ],
    });
    t.ok(onDemand.length > 0);
  });

  t.test('in pages', async (t) => {
    t.match((await ask('generations?limit=1&offset=1')).body, { total: 3, offset: 1, items: [{ number: 2 }] });
    t.strictSame((await ask('generations?offset=9')).body, { total: 3, offset: 9, items: [] });
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=x',
      'limit=1.5',
      'limit=true',
      'offset=-1',
      'limit=1&limit=2',
      'page=1',
    ]) {
      t.match(await ask(`generations?${query}`), { status: 400, body: { error: 'RLY_ADMIN_BAD_REQUEST' } }, query);
    }
  });

  t.test('/:n is one of them', async (t) => {
    const { body } = await ask('generations/2');
    t.ok(Value.Check(generationSchema, body));
    const { index } = relay.store.generations.get(2) ?? {};
    t.match(body, { number: 2, current: false, index });
    const kinds = body['kinds'] as { kind: string; onDisk: { objects: number }; onDemand: { objects: number } }[];
    t.strictSame(
      kinds.map(({ kind }) => kind),
      ['engine', 'incremental', 'pattern', 'program', 'signature'],
    );
    t.match(kinds[2], { onDisk: { objects: 0 }, onDemand: { objects: 6 } });
    for (const number of ['4', '0', '9'.repeat(15)]) {
      t.match(await ask(`generations/${number}`), { status: 404, body: { error: 'RLY_GENERATION_UNKNOWN' } });
    }
    for (const number of ['-1', '1.5', 'x', '1e3', '0x1', '%201', 'true', '9'.repeat(16)]) {
      t.match(await ask(`generations/${number}`), { status: 400, body: { error: 'RLY_ADMIN_BAD_REQUEST' } }, number);
    }
  });

  t.test('/:a/diff/:b is what changed from one to the other', async (t) => {
    const { body } = await ask('generations/1/diff/3');
    t.ok(Value.Check(generationDiffSchema, body));
    t.match(body, { from: 1, to: 3, offset: 0 });
    const items = body['items'] as { id: string; before: string; after: string }[];
    t.equal(items.length, body['total']);
    const pattern = items.find(({ id }) => id === 'P.4');
    t.match((await ask('generations/3/diff/1')).body['items'], [
      { id: 'P.4', change: 'changed', before: pattern?.after, after: pattern?.before },
    ]);
    t.match((await ask('generations/3/diff/3')).body, { total: 0, items: [], toFetch: { objects: 0, bytes: 0 } });
    t.match((await ask('generations/1/diff/3?limit=1&offset=1')).body, { offset: 1, items: [{ id: items[1]?.id }] });
    t.match(await ask('generations/1/diff/9'), { status: 404, body: { error: 'RLY_GENERATION_UNKNOWN' } });
  });
});

t.test('GET /api/v1/objects', async (t) => {
  const { relay, ask } = await site(t, [1, 2], { RELAY_MIRROR__PREFETCH__FULL_PATTERNS_UP_TO: '0B' });
  const { objects = [], onDemand = [] } = relay.store.generations.current() ?? {};

  t.test('lists what the current generation has, on disk and on demand', async (t) => {
    const { body } = await ask('objects?limit=1000');
    t.ok(Value.Check(objectsSchema, body));
    t.match(body, { generation: 2, total: objects.length + onDemand.length });
    const items = body['items'] as { path: string; onDemand: boolean; sha256: string | null }[];
    t.strictSame(
      items.map(({ path }) => path),
      [...objects, ...onDemand].map(({ path }) => path),
    );
    t.ok(items.every((item) => item.onDemand === (item.sha256 === null)));
  });

  t.test('by generation, kind, component and part of the path, in pages', async (t) => {
    t.match((await ask('objects?generation=1&limit=1')).body, { generation: 1, items: [{}] });
    const signatures = objects.filter(({ kind }) => kind === 'signature').length;
    t.match((await ask('objects?kind=signature&limit=2')).body, {
      total: signatures,
      items: [{ kind: 'signature' }, {}],
    });
    t.match((await ask('objects?component=P.4&kind=pattern')).body, {
      total: 1,
      items: [{ name: 'Virus Pattern', onDemand: true, proof: null, source: null }],
    });
    t.match((await ask('objects?path=VSAPI')).body['items'], [{ path: /vsapi/ }]);
    t.match((await ask('objects?path=nothing')).body, { total: 0, items: [] });
    t.match(await ask('objects?generation=9'), { status: 404, body: { error: 'RLY_GENERATION_UNKNOWN' } });
    for (const query of ['kind=virus', 'generation=x', 'sha256=a']) {
      t.match(await ask(`objects?${query}`), { status: 400, body: { error: 'RLY_ADMIN_BAD_REQUEST' } }, query);
    }
  });

  t.test('before the first generation there is nothing to list', async (t) => {
    const { ask: askEmpty } = await site(t, []);
    t.match(await askEmpty('objects'), { status: 503, body: { error: 'RLY_NOT_READY' } });
    t.match(await askEmpty('generations'), { status: 200, body: { total: 0, items: [] } });
  });
});

t.test('GET /api/v1/sources', async (t) => {
  const other = await labServerFor(t, { kind: 'officeScanServer' });
  const { lab, relay, ask } = await site(t, [1], {
    RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'false',
    RELAY_SOURCES__CUSTOMIZED: JSON.stringify([{ url: `${other.url}/activeupdate` }]),
  });

  t.test('are in the order in which they are tried, each with how it has done', async (t) => {
    const { body } = await ask('sources');
    t.ok(Value.Check(sourcesSchema, body));
    t.match(body, {
      kind: 'components',
      total: 2,
      items: [
        {
          url: `${other.url}/activeupdate`,
          type: 'customized',
          state: 'failing',
          lastError: /^RLY_/,
          lastSuccessAt: null,
        },
        { url: lab.componentsUrl, type: 'officeScanServer', state: 'ok', lastError: null, lastSuccessAt: /Z$/ },
      ],
    });
    t.match((await ask('sources?kind=programs')).body, { kind: 'programs', items: [{ type: 'customized' }, {}] });
    t.match((await ask('sources?limit=1&offset=1')).body, { total: 2, items: [{ type: 'officeScanServer' }] });
    t.match(await ask('sources?kind=domain'), { status: 400 });
  });

  t.test('say until when they are left alone', async (t) => {
    lab.faults.on({ kind: 'status', status: 500, match: 'server.ini' });
    await relay.mirror.update('administrator').catch(() => {});
    const { body } = await ask('sources?offset=1');
    t.match(body['items'], [{ state: 'failing', failures: 1, benchedUntil: /Z$/, notBefore: null }]);
  });
});
