import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { bytesOf } from '../storage/sample.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { parseByteranges } from '../support/byteranges.ts';
import { curl } from '../support/curl.ts';
import { eventually } from '../support/eventually.ts';
import { nginx, type Nginx } from '../support/nginx.ts';
import { relayProcess, relaySettings, type RelayProcess } from '../support/relay-process.ts';
import { needs } from '../support/tool.ts';

const FIX = 'hotfix_pccnt/Common/Setup 64.exe';
const content = bytesOf('hot fix', 3_000_000);

interface Office {
  readonly folder: string;
  readonly server: Nginx;
  readonly settings: Record<string, string>;
  readonly relay: RelayProcess;
}

/** nginx with a hot fix and the settings of a domain, and a relay before it. */
async function office(t: Test, more: Readonly<Record<string, string>> = {}): Promise<Office> {
  const folder = temporaryFolder(t);
  const tree = join(folder, 'www', 'officescan');
  for (const [path, bytes] of [
    [FIX, content],
    ['Branch/ofcscan.ini', '[Domain]\nPassword=secret\n'],
  ] as const) {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), bytes);
  }
  const server = await nginx(t, join(folder, 'nginx'), join(folder, 'www'));
  const settings = { ...relaySettings(`${server.url}/officescan`, join(folder, 'store')), ...more };
  return { folder, server, settings, relay: await relayProcess(t, settings) };
}

const pulled = ({ requests }: Nginx): string[] => requests().filter((line) => !line.includes('server.ini'));

/** nginx logs a request when it has answered it: who has the answer may be faster. */
const logged = (server: Nginx, count: number): Promise<boolean> =>
  eventually(`nginx has logged ${count}`, () => pulled(server).length >= count);

t.test('hot fixes from nginx, asked for by curl', needs('nginx', 'curl'), async (t) => {
  const { folder, server, settings, relay } = await office(t);
  const escaped = FIX.replace(' ', '%20');
  const url = `${relay.agentsUrl}/officescan/${escaped}`;

  await t.test('thirty at once cost one request', async (t) => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => curl(url)));
    for (const { status, body } of answers) {
      t.equal(status, 200);
      t.ok(body.equals(content));
    }
    await logged(server, 1);
    t.strictSame(pulled(server), [`GET /officescan/${FIX} 200`]);
  });

  await t.test('ranges, HEAD and validators are answered from the copy, in both trees', async (t) => {
    const other = `${relay.agentsUrl}/activeupdate/OfficeScan/${escaped}`;
    const first = await curl('--range', '0-99', url);
    t.equal(first.status, 206);
    t.equal(first.headers.get('content-range'), `bytes 0-99/${content.length}`);
    t.strictSame(first.body, content.subarray(0, 100));
    const several = await curl('--range', '0-9,1000-1999,-7', other);
    t.strictSame(
      parseByteranges(several.headers.get('content-type') ?? '', several.body).map(({ data }) => data),
      [content.subarray(0, 10), content.subarray(1000, 2000), content.subarray(-7)],
    );
    const head = await curl('--head', other);
    t.equal(head.headers.get('content-length'), String(content.length));
    t.match(head.headers.get('cache-status'), /^relay; hit; ttl=\d+$/);
    const etag = head.headers.get('etag') ?? '';
    t.equal((await curl('--header', `If-None-Match: ${etag}`, url)).status, 304);
    const file = join(folder, 'half');
    writeFileSync(file, content.subarray(0, 1_000_000));
    await promisify(execFile)('curl', ['--silent', '--fail', '--continue-at', '-', '--output', file, url]);
    t.ok(readFileSync(file).equals(content));
    t.equal(pulled(server).length, 1);
  });

  await t.test('what is not there is 404, and asked for once', async (t) => {
    for (let n = 0; n < 3; n += 1) {
      const { status, body } = await curl(`${relay.agentsUrl}/officescan/hotfix_pccnt/none.exe`);
      t.equal(status, 404);
      t.match(JSON.parse(body.toString()), { error: 'RLY_PULL_ABSENT' });
    }
    await logged(server, 2);
    t.equal(pulled(server).length, 2);
  });

  await t.test('a killed relay has its copy when it is back', async (t) => {
    await relay.kill();
    const again = await relayProcess(t, settings);
    const { status, headers, body } = await curl(`${again.agentsUrl}/officescan/${escaped}`);
    t.equal(status, 200);
    t.match(headers.get('cache-status'), /^relay; hit; ttl=\d+$/);
    t.ok(body.equals(content));
    t.equal(pulled(server).length, 2);
  });
});

t.test('domain settings reach agents and no log', needs('nginx', 'curl'), async (t) => {
  const { server, relay } = await office(t, {
    RELAY_MIRROR__ITEMS__DOMAIN_SETTINGS: 'true',
    RELAY_MIRROR__DOMAINS: 'Branch',
    RELAY_AGENTS__ALLOW_PLAIN: 'true',
  });
  const url = `${relay.agentsUrl}/activeupdate/Branch/ofcscan.ini`;
  for (const [at, expected] of [200, 304].entries()) {
    const { status, headers, body } = await curl(url);
    t.equal(status, 200);
    t.equal(headers.get('cache-control'), 'private, no-store');
    t.equal(body.toString(), '[Domain]\nPassword=secret\n');
    await logged(server, at + 1);
    t.equal(pulled(server).at(-1), `GET /officescan/Branch/ofcscan.ini ${expected}`);
  }
  const { stderr } = await relay.stop();
  t.match(
    relay.log.filter(({ kind }) => kind === 'domain-settings').map(({ path }) => path),
    ['(domain settings)', '(domain settings)'],
  );
  t.notMatch(JSON.stringify(relay.log) + stderr, /Branch|ofcscan|secret/i);
});
