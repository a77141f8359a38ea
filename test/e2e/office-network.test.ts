import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { writeTree } from '../../src/lab/write-tree.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { nginx } from '../support/nginx.ts';
import { privateCa, privateServer } from '../support/private-ca.ts';
import { relayProcess, relaySettings, type RelayProcess } from '../support/relay-process.ts';
import { tinyproxy } from '../support/tinyproxy.ts';
import { needs } from '../support/tool.ts';

const release = createCatalogue({ seed: 'office network', scale: 0.01 }).release(1);
const OF_SOURCE = 'branch:of-the-source';
const OF_PROXY = 'branch:of-the-proxy';

/** nginx with TLS of a private CA and a password, behind tinyproxy with another one; a relay is told how to get there. */
async function office(t: Test) {
  const folder = temporaryFolder(t);
  await writeTree(release, join(folder, 'www', 'officescan', 'download'));
  const access = { tls: privateServer, credentials: OF_SOURCE };
  const server = await nginx(t, join(folder, 'nginx'), join(folder, 'www'), access);
  const proxy = await tinyproxy(t, join(folder, 'tinyproxy'), OF_PROXY);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const way = {
    prefix: server.url,
    proxy: proxy.url,
    proxyCredentialsFile: file('proxy', OF_PROXY),
    credentialsFile: file('source', OF_SOURCE),
    ca: file('ca', privateCa),
  };
  const relay = (change: object = {}, variables: Record<string, string> = {}): Promise<RelayProcess> =>
    relayProcess(t, {
      ...relaySettings(`${server.url}/officescan`, join(folder, 'store')),
      RELAY_SOURCES__UPDATE_AGENTS_ONLY_FROM_SERVER: 'true',
      RELAY_SOURCES__REACH: JSON.stringify([{ ...way, ...change }]),
      NO_PROXY: '',
      ...variables,
    });
  return { server, proxy, relay, file };
}

t.test('an office network of nginx and tinyproxy', needs('nginx', 'tinyproxy'), async (t) => {
  const { server, proxy, relay, file } = await office(t);

  /** Why the update of a relay with this change fails. Nothing it says holds a password. */
  async function failure(change: object): Promise<string> {
    const stranger = await relay(change);
    const { error } = await stranger.logged('update.failed');
    const { stderr } = await stranger.stop();
    t.notMatch(JSON.stringify(stranger.log) + stderr, /of-the-|mistaken|YnJhbmNo/, 'no secret is told');
    return String(error);
  }

  t.test('what is wrong on the way is named with its key', async (t) => {
    const mistaken = file('mistaken', 'branch:mistaken');
    t.match(await failure({ proxyCredentialsFile: mistaken }), /the proxy .* answered 401: .* does not accept/);
    t.match(await failure({ credentialsFile: mistaken }), /answered 401: .* does not accept/);
    t.match(await failure({ ca: undefined }), /no trusted TLS connection/);
  });

  t.test('an update passes', async (t) => {
    const insider = await relay();
    await insider.logged('update.published');
    t.ok(proxy.requests().length > 0, 'through the proxy');
    t.ok(proxy.requests().every((line) => line.includes(`CONNECT ${new URL(server.url).host}`)));
    t.ok(server.requests().includes('GET /officescan/download/server.ini 200'));
    const { stderr } = await insider.stop();
    t.notMatch(JSON.stringify(insider.log) + stderr, /of-the-|YnJhbmNo/);
  });

  t.test('the environment can lead past the proxy, and to none', async (t) => {
    const before = proxy.requests().length;
    const elsewhere = 'http://127.0.0.1:9';
    const insider = await relay({}, { NO_PROXY: '127.0.0.0/8', HTTPS_PROXY: elsewhere, HTTP_PROXY: elsewhere });
    await insider.logged('update.unchanged');
    await insider.stop();
    t.equal(proxy.requests().length, before);
  });
});
