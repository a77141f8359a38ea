import t from 'tap';
import { agentsGate } from '../../src/delivery/gates.ts';
import { UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';
import { isRelayError } from '../../src/errors/relay-error.ts';
import { attackedRelay } from '../support/attacked-relay.ts';
import { createHostileRequests, seededRandom } from '../support/hostile-requests.ts';
import { judgeAnswers } from '../support/judge-answers.ts';
import { sendOver } from '../support/send-over.ts';
import { tried } from '../support/tried.ts';

/** Requests a run: some seconds by default; RELAY_FUZZ_REQUESTS=1000000 is what a release is held against. */
const REQUESTS = Number(process.env['RELAY_FUZZ_REQUESTS'] ?? 3000);
/** For the gate alone, which is asked much faster. */
const HEADS = Math.max(50_000, REQUESTS);
/** Another one looks elsewhere. What fails names it. */
const SEED = Number(process.env['RELAY_FUZZ_SEED'] ?? 1);
/** Milliseconds: what has no answer until its client is gone is most often no request. */
const HASTE = { first: 100 };
/** Connections at a time. */
const AT_ONCE = 64;

t.test('whatever comes over the wire, an answer is content of the table or a proper refusal', async (t) => {
  t.setTimeout(0);
  const { port, paths, contents, bugs } = await attackedRelay(t);
  const next = createHostileRequests(paths, seededRandom(SEED));
  const seen = new Map<number, number>();
  const wrong: string[] = [];
  let left = REQUESTS;

  async function attacker(): Promise<void> {
    while (left > 0 && wrong.length === 0) {
      left -= 1;
      const text = next();
      const verdict = judgeAnswers(await sendOver(port, text, HASTE), contents);
      if (typeof verdict === 'string') wrong.push(`${verdict} after ${JSON.stringify(text)}`);
      else for (const status of verdict.statuses) seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, attacker));
  t.strictSame(wrong, [], `seed ${SEED}`);
  t.strictSame(bugs, [], 'no request led to a bug');
  for (const status of [200, 206, 400, 404, 405, 414, 416, 431]) t.ok(seen.get(status), `some were ${status}`);
  tried(t, REQUESTS);
});

t.test('whatever the gate is given, it answers with a canonical path or a refusal of its own', async (t) => {
  t.setTimeout(0);
  const gate = agentsGate({ allow: ['127.0.0.0/8'], trustedProxies: [] });
  const random = seededRandom(SEED);
  const next = createHostileRequests(['/activeupdate/server.ini', '/officescan/download/Pattern/a b.zip'], random);
  const wrong: string[] = [];
  let passed = 0;
  for (let n = 0; n < HEADS && wrong.length === 0; n += 1) {
    const [line = '', ...fields] = next().split('\r\n');
    const [method = '', url = '', version = ''] = line.split(' ');
    const rawHeaders = fields.flatMap((field) => [
      field.split(':')[0] ?? '',
      field.slice(field.indexOf(':') + 1).trim(),
    ]);
    const httpVersion = version.replace('HTTP/', '');
    const verdict = gate({
      httpVersion,
      method,
      url,
      rawHeaders,
      remoteAddress: '127.0.0.1',
      identity: UNKNOWN_CLIENT,
    });
    if (isRelayError(verdict)) {
      if (verdict.fault !== 'client') wrong.push(`${verdict.code} after ${JSON.stringify(line)}`);
      continue;
    }
    passed += 1;
    // oxlint-disable-next-line no-control-regex
    const isCanonical = /^\/(?:[^/\\\u0000-\u001f\u007f-\u009f]+\/)*[^/\\\u0000-\u001f\u007f-\u009f]*$/.test(
      verdict.path,
    );
    const climbs = verdict.path.split('/').some((segment) => segment === '.' || segment === '..');
    if (!isCanonical || climbs) wrong.push(`${JSON.stringify(verdict)} after ${JSON.stringify(line)}`);
  }
  t.strictSame(wrong, [], `seed ${SEED}`);
  t.ok(passed > HEADS / 50, `${passed} passed: the generator is not all noise`);
  tried(t, HEADS);
});
