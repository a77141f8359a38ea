import t, { type Test } from 'tap';
import type { Reach } from '../../src/config/read-reach.ts';
import { pinOf } from '../../src/upstream/pin.ts';
import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { expiredServer, privateCa, privateClient, privateServer } from '../support/private-ca.ts';
import { respond, type Scene, scriptedOrigin, type ScriptedOrigin } from '../support/scripted-origin.ts';
import { testProxy, type TestProxyOptions } from '../support/test-proxy.ts';
import { testUpstream } from '../support/test-upstream.ts';
import { freePort } from '../support/free-port.ts';

const basic = (credentials: string): string => `Basic ${btoa(credentials)}`;
const fetched = { state: 'fetched' };
const index = respond(200, {}, 'index');
const WRONG_PIN = 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/** The entry of a source, its base URL the prefix. */
function entry({ source }: Pick<ScriptedOrigin, 'source'>, change: Partial<Reach> = {}): Reach {
  const nothing = { proxy: null, authorization: null, ca: null, client: null, pin: null };
  return { key: 'sources.reach[3]', prefix: source.url, ...nothing, ...change };
}

/** What the index of a source is fetched with. */
const fetchIndex = (t: Test, { source }: Pick<ScriptedOrigin, 'source'>, reach: Reach[], noProxy = '') =>
  testUpstream(t, {}, { reach, noProxy }).fetchIndex(source, null);

t.test('through a proxy', async (t) => {
  const way = async (t: Test, options: TestProxyOptions & { secure?: boolean; authorization?: string } = {}) => {
    const origin = await scriptedOrigin(t, [index], options.secure ? privateServer : undefined);
    const proxy = await testProxy(t, options);
    const authorization = options.authorization === undefined ? null : basic(options.authorization);
    const reach = entry(origin, { proxy: { url: proxy.url, authorization }, ca: privateCa });
    return { origin, proxy, reach, url: `${origin.source.url}/server.ini` };
  };
  const credentials = 'branch:pass:word';

  t.test('plain HTTP is asked of it with the whole URL, its credentials for it alone', async (t) => {
    const { origin, proxy, reach, url } = await way(t, { credentials, authorization: credentials });
    t.match(await fetchIndex(t, origin, [reach]), fetched);
    t.strictSame(proxy.passed, [`GET ${url}`]);
    t.equal(origin.requests[0]?.headers.get('host'), new URL(url).host);
  });

  t.test('TLS goes through a tunnel, end to end', async (t) => {
    const { origin, proxy, reach, url } = await way(t, { secure: true, credentials, authorization: credentials });
    t.match(await fetchIndex(t, origin, [reach]), fetched);
    t.strictSame(proxy.passed, [`CONNECT ${new URL(url).host}`]);
    t.notOk(origin.requests[0]?.headers.has('proxy-authorization'));
  });

  t.test('that speaks TLS itself, with a certificate of the private CA', async (t) => {
    for (const secure of [false, true]) {
      const { origin, proxy, reach } = await way(t, { secure, tls: privateServer });
      t.match(await fetchIndex(t, origin, [reach]), fetched);
      t.equal(proxy.passed.length, 1);
    }
  });

  t.test('whose own certificate counts, not that of the name behind it', async (t) => {
    const { proxy, reach } = await way(t, { tls: privateServer });
    const source = { url: 'http://osce.invalid/activeupdate', type: 'customized' } as const;
    await t.rejects(fetchIndex(t, { source }, [{ ...reach, prefix: source.url }]), { code: 'RLY_UPSTREAM_STATUS' });
    t.strictSame(new Set(proxy.passed), new Set([`GET ${source.url}/server.ini`]));
  });

  t.test('that wants other credentials, or some at all', async (t) => {
    for (const secure of [false, true]) {
      for (const [authorization, found] of [
        ['branch:wrong', 'does not accept those of this relay'],
        [undefined, 'this relay has none for it'],
      ] as const) {
        const { origin, proxy, reach, url } = await way(t, {
          secure,
          credentials,
          ...(authorization !== undefined && { authorization }),
        });
        const error: unknown = await fetchIndex(t, origin, [reach]).catch((reason: unknown) => reason);
        t.match(error, {
          code: 'RLY_UPSTREAM_PROXY_AUTH',
          fields: { url, proxy: proxy.url, status: 407, found, key: 'sources.reach[3]' },
          advice: /sources\.reach\[3\]\.proxyCredentialsFile/,
        });
        t.notMatch(JSON.stringify(error), /wrong|YnJhbmNo/);
        t.equal(origin.connections, 0);
      }
    }
  });

  t.test('that is not there', async (t) => {
    for (const secure of [false, true]) {
      const { origin, reach, url } = await way(t, { secure });
      const proxy = { url: `http://127.0.0.1:${await freePort()}`, authorization: null };
      await t.rejects(fetchIndex(t, origin, [{ ...reach, proxy }]), {
        code: 'RLY_UPSTREAM_PROXY',
        fields: { url, proxy: proxy.url, reason: /ECONNREFUSED/ },
        advice: /sources\.reach\[3\]\.proxy,/,
      });
    }
  });

  t.test('that does not let this host through', async (t) => {
    const { origin, reach } = await way(t, { secure: true, tunnels: 403 });
    await t.rejects(fetchIndex(t, origin, [reach]), {
      code: 'RLY_UPSTREAM_PROXY',
      fields: { reason: 'it answered 403 to CONNECT' },
    });
  });

  t.test('but not for a host in NO_PROXY', async (t) => {
    const { origin, proxy, reach } = await way(t, { credentials });
    t.match(await fetchIndex(t, origin, [reach], 'example.com,127.0.0.0/8'), fetched);
    t.strictSame(proxy.passed, []);
  });

  t.test('nobody is sent to a metadata service', async (t) => {
    const { proxy, reach } = await way(t);
    for (const url of ['http://169.254.169.254/latest', 'https://[fe80::1]/x']) {
      const source = { url, type: 'customized' } as const;
      await t.rejects(fetchIndex(t, { source }, [{ ...reach, prefix: url }]), { code: 'RLY_UPSTREAM_ADDRESS' }, url);
    }
    t.strictSame(proxy.passed, []);
  });

  t.test('the certificate of the source is looked at as on the direct way', async (t) => {
    const { origin, reach } = await way(t, { secure: true });
    await t.rejects(fetchIndex(t, origin, [{ ...reach, ca: null }]), { code: 'RLY_UPSTREAM_TLS' });
    await t.rejects(fetchIndex(t, origin, [{ ...reach, pin: WRONG_PIN }]), { code: 'RLY_UPSTREAM_PIN' });
  });
});

t.test('credentials', async (t) => {
  const authorization = basic('relay:secret');

  t.test('are sent below their prefix, and nowhere else', async (t) => {
    const origin = await scriptedOrigin(t, [index]);
    const prefix = `${origin.source.url}/a`;
    const upstream = testUpstream(t, {}, { reach: [entry(origin, { prefix, authorization })] });
    await upstream.fetchIndex({ url: prefix, type: 'customized' }, null);
    await upstream.fetchIndex(origin.source, null);
    t.strictSame(
      origin.requests.map(({ headers }) => headers.get('authorization')),
      [authorization, undefined],
    );
  });

  t.test('stay behind when a redirect leaves the prefix', async (t) => {
    const origin = await scriptedOrigin(t, [respond(302, { Location: '/elsewhere/server.ini' }), index]);
    t.match(await fetchIndex(t, origin, [entry(origin, { authorization })]), fetched);
    t.strictSame(
      origin.requests.map(({ headers }) => headers.get('authorization')),
      [authorization, undefined],
    );
  });

  t.test('that are wrong or missing are told with the key to change', async (t) => {
    const found = (given: boolean) => (given ? 'does not accept those of this relay' : 'this relay has none for it');
    const judged = async (status: number, reach: (origin: ScriptedOrigin) => Reach[]) => {
      const origin = await scriptedOrigin(t, [respond(status)]);
      const error: unknown = await fetchIndex(t, origin, reach(origin)).catch((reason: unknown) => reason);
      t.notMatch(JSON.stringify(error), /secret|cmVsYXk/);
      return error;
    };
    const code = 'RLY_UPSTREAM_UNAUTHORIZED';
    t.match(await judged(401, (origin) => [entry(origin, { authorization })]), {
      code,
      fields: { status: 401, found: found(true), key: 'sources.reach[3]' },
      advice: /sources\.reach\[3\]\.credentialsFile/,
    });
    t.match(await judged(403, (origin) => [entry(origin, { authorization })]), {
      code,
      fields: { found: found(true) },
    });
    t.match(await judged(401, (origin) => [entry(origin)]), { code, fields: { found: found(false) } });
    t.match(await judged(401, () => []), { code, advice: /sources\.reach\[\]\.credentialsFile/ });
    t.match(await judged(403, () => []), { code: 'RLY_UPSTREAM_STATUS' });
  });
});

t.test('certificates', async (t) => {
  const pin = pinOf(new X509Certificate(privateServer.cert).raw);

  t.test('of a private CA are trusted below its prefix only', async (t) => {
    const origin = await scriptedOrigin(t, [index], privateServer);
    t.match(await fetchIndex(t, origin, [entry(origin, { ca: privateCa })]), fetched);
    await t.rejects(fetchIndex(t, origin, [entry(origin)]), {
      code: 'RLY_UPSTREAM_TLS',
      fields: { reason: 'unable to verify the first certificate' },
      advice: /sources\.reach\[3\]\.ca/,
    });
    await t.rejects(fetchIndex(t, origin, []), { code: 'RLY_UPSTREAM_TLS', advice: /sources\.reach\[\]\.ca/ });
  });

  t.test('that have expired', async (t) => {
    const origin = await scriptedOrigin(t, [index], expiredServer);
    await t.rejects(fetchIndex(t, origin, [entry(origin, { ca: privateCa, pin })]), {
      code: 'RLY_UPSTREAM_TLS',
      fields: { reason: 'certificate has expired' },
    });
  });

  t.test('with the pinned key, at each of several connections: a session that goes on shows none', async (t) => {
    const resumed: boolean[] = [];
    const scene: Scene = (request, socket) => {
      resumed.push((socket as TLSSocket).isSessionReused());
      respond(200, { Connection: 'close' }, 'index')(request, socket);
    };
    const origin = await scriptedOrigin(t, [scene], privateServer);
    const upstream = testUpstream(t, {}, { reach: [entry(origin, { ca: privateCa, pin })] });
    for (let time = 0; time < 3; time += 1) t.match(await upstream.fetchIndex(origin.source, null), fetched);
    t.equal(origin.connections, 3);
    t.strictSame(resumed, [false, false, false]);
  });

  t.test('with another key than the pinned one', async (t) => {
    const origin = await scriptedOrigin(t, [index], privateServer);
    const error = fetchIndex(t, origin, [entry(origin, { ca: privateCa, pin: WRONG_PIN })]);
    await t.rejects(error, {
      code: 'RLY_UPSTREAM_PIN',
      fields: { found: pin, expected: WRONG_PIN, key: 'sources.reach[3]' },
      advice: /sources\.reach\[3\]\.pin/,
    });
    t.equal(origin.requests.length, 0);
  });

  t.test('of the client, where the source wants one', async (t) => {
    // In TLS 1.3 the handshake of the client is over when the server refuses it: what undici sees then is the end.
    const refusals = { 'TLSv1.2': 'RLY_UPSTREAM_TLS', 'TLSv1.3': 'RLY_UPSTREAM_RESET' };
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const demanding = { ...privateServer, ca: privateCa, requestCert: true, rejectUnauthorized: true, maxVersion };
      const origin = await scriptedOrigin(t, [index], demanding);
      t.match(await fetchIndex(t, origin, [entry(origin, { ca: privateCa, client: privateClient })]), fetched);
      await t.rejects(
        fetchIndex(t, origin, [entry(origin, { ca: privateCa })]),
        { code: refusals[maxVersion], advice: /sources\.reach\[3?\]\.clientCert/ },
        maxVersion,
      );
    }
  });
});
