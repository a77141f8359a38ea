import t from 'tap';
import { ownAddresses } from '../../src/config/own-addresses.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';

const release = createCatalogue({ shape: 'small' }).release(3);

t.test('GET /api/v1/explain', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const customized = [
    { url: lab.componentsUrl, range: '127.0.0.0/8' },
    { url: 'http://127.0.0.1:9/activeupdate', range: '240.0.0.0/4' },
  ];
  const relay = await relayFor(t, {
    ...(await relayEnv(t, lab.url)),
    RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'false',
    RELAY_SOURCES__CUSTOMIZED: JSON.stringify(customized),
  });
  await relay.mirror.update('administrator');
  const ask = async (query: Record<string, string>) => {
    const answer = await fetch(`${relay.adminUrl}/api/v1/explain?${new URLSearchParams(query).toString()}`);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  t.test('of a kind, the sources this relay tries, by its own addresses', async (t) => {
    t.strictSame(await ask({ kind: 'components' }), {
      status: 200,
      body: {
        kind: 'components',
        role: 'update-agent',
        attempts: [
          {
            source: lab.componentsUrl,
            type: 'customized',
            reason: 'sources.customized[0] is for 127.0.0.0/8, which holds 127.0.0.1',
          },
        ],
        notTried: [
          {
            source: 'http://127.0.0.1:9/activeupdate',
            type: 'customized',
            reason: `sources.customized[1] is for 240.0.0.0/4, which does not hold ${ownAddresses().join(' or ')}`,
          },
          {
            source: lab.url,
            type: 'officeScanServer',
            reason: 'its URL is that of sources.customized[0], which is tried before',
          },
          {
            source: 'https://osce14-p.activeupdate.trendmicro.com/activeupdate',
            type: 'activeUpdate',
            reason: 'sources.fromServerWhenCustomizedFail.components is true, so the OfficeScan server is the last one',
          },
        ],
      },
    });
  });

  t.test('of a kind, as an agent with an address', async (t) => {
    const { status, body } = await ask({ kind: 'domain-settings', agent: '240.0.0.7' });
    t.equal(status, 200);
    t.match(body, {
      kind: 'domainSettings',
      role: 'agent',
      attempts: [{ source: 'http://127.0.0.1:9/activeupdate' }, { type: 'officeScanServer' }],
    });
    t.match((await ask({ kind: 'components', role: 'update-agent', agent: '240.0.0.7' })).body, {
      role: 'update-agent',
    });
  });

  t.test('of a path, the object and where it came from', async (t) => {
    const object = relay.store.generations.current()?.objects.find(({ kind }) => kind === 'engine');
    const { status, body } = await ask({ path: `/activeupdate/${object?.path}`, agent: '10.0.0.1' });
    t.equal(status, 200);
    const { path, kind, component, version, size, sha256, proof, fetchedAt } = object ?? {};
    t.match(body, { path, kind, component, version, size, sha256, proof, fetchedAt, source: lab.componentsUrl });
    t.match(body, { agent: '10.0.0.1', agentGeneration: 1, generation: 1 });
  });

  t.test('an object nobody has is 404', async (t) => {
    t.match(await ask({ path: '/activeupdate/none.zip' }), { status: 404, body: { error: 'RLY_NOT_LISTED' } });
  });

  t.test('what is not understood is said', async (t) => {
    const cases: [Record<string, string>, RegExp][] = [
      [{}, /either kind or path/],
      [{ kind: 'components', path: 'a.zip' }, /either kind or path/],
      [{ kind: 'engines' }, /kind engines is none of components, domain-settings, programs/],
      [{ kind: 'components', role: 'relay' }, /role relay is none of agent, update-agent/],
      [{ kind: 'components', agent: 'pc1' }, /agent pc1 is no IPv4 or IPv6 address/],
      [{ path: 'a.zip', agent: 'pc1' }, /agent pc1 is no IPv4 or IPv6 address/],
      [{ path: 'a.zip', role: 'agent' }, /role goes with kind/],
      [{ kind: 'components', adress: '10.0.0.1' }, /./],
    ];
    for (const [query, detail] of cases) {
      t.match(await ask(query), { status: 400, body: { error: 'RLY_ADMIN_BAD_REQUEST', detail } });
    }
  });
});

t.test('before the first generation nothing is known of a path', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer' });
  const relay = await relayFor(t, await relayEnv(t, lab.url));
  const answer = await fetch(`${relay.adminUrl}/api/v1/explain?path=server.ini`);
  t.equal(answer.status, 503);
  t.match(await answer.json(), { error: 'RLY_NOT_READY' });
});
