import t from 'tap';
import type { Answer } from '../../src/delivery/answer.ts';
import { createDownloads, downloadLimit } from '../../src/delivery/downloads.ts';
import { bufferReader } from '../support/buffer-reader.ts';

const part = { start: 0, end: 3 };
const headers = { 'X-Relay-Generation': '7' };
const answer = (body: Answer['body']): Answer => ({
  status: 200,
  headers,
  body,
  kind: 'pattern',
  cache: 'hit',
  generation: 7,
});

function download() {
  let closed = false;
  const close = async (): Promise<void> => void (closed = true);
  const reader = { ...bufferReader(Buffer.from('abc')), sha256: 'ab', close, [Symbol.asyncDispose]: close };
  return { answer: answer({ reader, parts: [part] }), closed: () => closed };
}

t.test('an address has so many downloads at a time; one more is 503, and its blob is closed', async (t) => {
  const downloads = createDownloads(() => 2);
  const [one, two, three] = [download(), download(), download()];
  const first = downloads.admit('10.0.0.1', 'req-1', one.answer);
  const second = downloads.admit('10.0.0.1', 'req-2', two.answer);
  t.equal(first.answer, one.answer);
  const third = downloads.admit('10.0.0.1', 'req-3', three.answer);
  t.match(third.answer, {
    status: 503,
    kind: 'none',
    cache: 'none',
    generation: 7,
    headers: { 'Retry-After': '10', 'X-Relay-Generation': '7', 'Cache-Status': 'relay; detail=RLY_TOO_MANY_DOWNLOADS' },
  });
  t.match(JSON.parse((third.answer.body as Buffer).toString()), {
    error: 'RLY_TOO_MANY_DOWNLOADS',
    requestId: 'req-3',
  });
  t.equal(three.closed(), true);
  t.equal(two.closed(), false);
  t.equal(downloads.admit('10.0.0.2', 'req-4', download().answer).answer.status, 200, 'others are not concerned');

  t.notOk(third.leave, 'it had no place to give back');
  t.equal(downloads.admit('10.0.0.1', 'req-5', download().answer).answer.status, 503);
  second.leave?.();
  t.equal(downloads.admit('10.0.0.1', 'req-6', download().answer).answer.status, 200);
});

t.test('what is small and in memory, or has no body, is no download', async (t) => {
  const downloads = createDownloads(() => 1);
  downloads.admit('10.0.0.1', 'req-1', download().answer);
  for (const body of [Buffer.from('x'), null]) {
    const small = answer(body);
    t.strictSame(downloads.admit('10.0.0.1', 'req-2', small), { answer: small });
  }
});

t.test('another limit is in force at once', async (t) => {
  const live = { most: 1 };
  const downloads = createDownloads(() => live.most);
  downloads.admit('10.0.0.1', 'req-1', download().answer);
  t.equal(downloads.admit('10.0.0.1', 'req-2', download().answer).answer.status, 503);
  live.most = 2;
  t.equal(downloads.admit('10.0.0.1', 'req-3', download().answer).answer.status, 200);
});

t.test('who comes from the address of a relay below has no limit', async (t) => {
  const limits = { connectionsPerAddress: 16, downloadsPerAddress: 1 };
  const downloads = createDownloads(downloadLimit({ limits, relays: ['10.0.0.0/30', 'fd00::1'] }));
  for (const [address, second] of Object.entries({ '10.0.0.1': 200, 'fd00::1': 200, '10.0.0.4': 503 })) {
    t.equal(downloads.admit(address, 'req-1', download().answer).answer.status, 200, address);
    t.equal(downloads.admit(address, 'req-2', download().answer).answer.status, second, address);
  }
});

t.test('what is large is a download from memory too', async (t) => {
  const downloads = createDownloads(() => 1);
  const large = answer(Buffer.alloc(1024 * 1024 + 1));
  t.equal(downloads.admit('10.0.0.1', 'req-1', large).answer, large);
  t.equal(downloads.admit('10.0.0.1', 'req-2', large).answer.status, 503);
});
