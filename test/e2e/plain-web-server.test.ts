import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { createCatalogue } from '../../src/lab/release.ts';
import { writeTree } from '../../src/lab/write-tree.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import { run } from '../storage/child.ts';
import { temporaryFolder } from '../storage/store-folder.ts';
import { parseByteranges } from '../support/byteranges.ts';
import { largestFile } from '../support/agents-view.ts';
import { curl } from '../support/curl.ts';
import { eventually } from '../support/eventually.ts';
import { nginx, type Nginx } from '../support/nginx.ts';
import {
  relayCommand,
  relaySettings,
  relaySurroundings,
  relayProcess,
  type RelayProcess,
} from '../support/relay-process.ts';
import { mirroredFiles } from '../support/release-truth.ts';
import { needs } from '../support/tool.ts';

const release = createCatalogue({ seed: 'plain web server', scale: 0.01 }).release(3);
const mirrored = mirroredFiles(release);
const VIRUS_PATTERN = largestFile(release).path;

interface Office {
  readonly folder: string;
  readonly server: Nginx;
  readonly settings: Record<string, string>;
  readonly relay: RelayProcess;
}

/** The release on nginx without the paths in `without`, and a relay that has mirrored it. */
async function office(t: Test, without: readonly string[] = []): Promise<Office> {
  const folder = temporaryFolder(t);
  const tree = join(folder, 'www', 'officescan', 'download');
  await writeTree(release, tree);
  for (const path of without) rmSync(join(tree, path), { recursive: true });
  const server = await nginx(t, join(folder, 'nginx'), join(folder, 'www'));
  const settings = relaySettings(`${server.url}/officescan`, join(folder, 'store'));
  const relay = await relayProcess(t, settings);
  await relay.logged('update.published');
  return { folder, server, settings, relay };
}

t.test('a relay in front of nginx, asked by curl and wget', needs('nginx', 'curl', 'wget'), async (t) => {
  const { folder, server, settings, relay } = await office(t);
  const source = `${relay.agentsUrl}/activeupdate`;
  const url = `${source}/${VIRUS_PATTERN}`;
  const pattern = await release.file(VIRUS_PATTERN);
  const half = pattern.subarray(0, pattern.length >> 1);
  const etag = (await curl('--head', url)).headers.get('etag') ?? '';
  const scratch = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };

  t.test('wget takes every file of both trees, byte for byte', async (t) => {
    for (const tree of ['activeupdate', 'officescan/download']) {
      const to = scratch('all');
      const list = join(folder, 'list');
      writeFileSync(list, mirrored.map(({ path }) => `${relay.agentsUrl}/${tree}/${path}\n`).join(''));
      await promisify(execFile)('wget', ['--quiet', '--tries=1', '-nH', '-x', '-P', to, '-i', list]);
      const wrong: string[] = [];
      for (const { path } of mirrored) {
        if (!readFileSync(join(to, tree, path)).equals(await release.file(path))) wrong.push(path);
      }
      t.strictSame(wrong, [], `${tree}: ${mirrored.length} files`);
    }
  });

  t.test('the index is the one of the server, its [Server] section commented out', async (t) => {
    const expected = withServerSection(release.index, 'comment');
    for (const tree of ['activeupdate', 'officescan/download']) {
      const { status, body } = await curl(`${relay.agentsUrl}/${tree}/server.ini`);
      t.equal(status, 200);
      t.ok(body.equals(expected), tree);
    }
  });

  t.test('ranges: from the start, from the end, several', async (t) => {
    const size = pattern.length;
    const first = await curl('--range', '0-99', url);
    t.equal(first.status, 206);
    t.equal(first.headers.get('content-range'), `bytes 0-99/${size}`);
    t.strictSame(first.body, pattern.subarray(0, 100));
    const suffix = await curl('--range', '-500', url);
    t.equal(suffix.status, 206);
    t.strictSame(suffix.body, pattern.subarray(-500));
    const several = await curl('--range', '0-9,1000-1999,-7', url);
    t.equal(several.status, 206);
    const parts = parseByteranges(several.headers.get('content-type') ?? '', several.body);
    t.strictSame(
      parts.map(({ data }) => data),
      [pattern.subarray(0, 10), pattern.subarray(1000, 2000), pattern.subarray(-7)],
    );
    t.equal((await curl('--range', `${size}-`, url)).status, 416);
  });

  t.test('curl and wget complete a file that is half there', async (t) => {
    const file = join(scratch('resumed'), 'by-curl');
    writeFileSync(file, half);
    await promisify(execFile)('curl', ['--silent', '--fail', '--continue-at', '-', '--output', file, url]);
    t.ok(readFileSync(file).equals(pattern));
    const other = join(scratch('resumed'), VIRUS_PATTERN.slice('pattern/'.length));
    writeFileSync(other, half);
    await promisify(execFile)('wget', ['--quiet', '--tries=1', '--continue', '-P', scratch('resumed'), url]);
    t.ok(readFileSync(other).equals(pattern));
    // The log comes by another way than the answers, and may come later.
    await eventually('only the rest was sent, to both', () => {
      const partial = relay.log.filter(({ event, status }) => event === 'agent.answered' && status === 206);
      return partial.filter(({ bytes }) => bytes === pattern.length - half.length).length === 2;
    });
  });

  t.test('HTTP/1.0 gets a length and no chunks', async (t) => {
    const { status, headers, body } = await curl('--http1.0', url);
    t.equal(status, 200);
    t.equal(headers.get('content-length'), String(pattern.length));
    t.notOk(headers.has('transfer-encoding'));
    t.ok(body.equals(pattern));
  });

  t.test('HEAD has the length of the whole, and no body', async (t) => {
    const { status, headers, body } = await curl('--head', url);
    t.equal(status, 200);
    t.equal(headers.get('content-length'), String(pattern.length));
    t.equal(headers.get('accept-ranges'), 'bytes');
    t.equal(body.length, 0);
  });

  t.test('what the client has already is 304, and a range holds for the content it was begun from', async (t) => {
    t.equal((await curl('--header', `If-None-Match: ${etag}`, url)).status, 304);
    const rest = await curl('--range', '1000-', '--header', `If-Range: ${etag}`, url);
    t.equal(rest.status, 206);
    t.ok(rest.body.equals(pattern.subarray(1000)));
    const changed = await curl('--range', '1000-', '--header', 'If-Range: "of another release"', url);
    t.equal(changed.status, 200);
    t.ok(changed.body.equals(pattern));
  });

  t.test('case does not matter', async (t) => {
    const { pathname } = new URL(url);
    t.ok((await curl(`${relay.agentsUrl}${pathname.toUpperCase()}`)).body.equals(pattern));
  });

  t.test('what is not there is 404 at once, without a question to the server', async (t) => {
    const before = server.requests().length;
    for (const path of ['ini_xml.zip', 'pattern/unlisted.zip', 'hotfix_pccnt/Common/GuardSetup.exe']) {
      const { status, body } = await curl('--max-time', '2', `${source}/${path}`);
      t.equal(status, 404, path);
      t.match(JSON.parse(body.toString()), { error: 'RLY_NOT_LISTED' });
    }
    t.equal(server.requests().length, before);
  });

  t.test('nothing but GET and HEAD is allowed', async (t) => {
    const { status, headers } = await curl('--data', 'x', url);
    t.equal(status, 405);
    t.equal(headers.get('allow'), 'GET, HEAD');
  });

  t.test('no change costs one request, answered 304', async (t) => {
    t.match(await relay.stop(), { code: 0, stderr: '' });
    const before = server.requests();
    const { code, stdout, stderr } = await run(relayCommand('update'), undefined, relaySurroundings(settings));
    t.equal(code, 0, stderr);
    t.match(stdout, /^No change at http:.*: generation 1 is current\.\n$/);
    t.strictSame(server.requests().slice(before.length), ['GET /officescan/download/server.ini 304']);
  });
});

t.test('a tree without product packages is mirrored all the same', needs('nginx', 'curl'), async (t) => {
  const programs = mirrored.filter(({ kind }) => kind === 'program');
  const { relay } = await office(t, ['product', 'Product']);
  const source = `${relay.agentsUrl}/activeupdate`;
  for (const { path } of programs) t.equal((await curl(`${source}/${path}`)).status, 404, path);
  t.ok((await curl(`${source}/${VIRUS_PATTERN}`)).body.equals(await release.file(VIRUS_PATTERN)));
  const absent = new Set(relay.log.filter(({ event }) => event === 'object.absent').map(({ path }) => path));
  for (const { path } of programs) t.ok(absent.has(path), `${path} is told as absent`);
});
