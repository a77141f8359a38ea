import t, { type Test } from 'tap';
import { adminGate, agentsGate } from '../../src/delivery/gates.ts';
import type { Gate, Passage, RequestHead } from '../../src/delivery/gate.ts';
import { UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';
import { isRelayError } from '../../src/errors/relay-error.ts';
import { attackedRelay, type AttackedRelay } from '../support/attacked-relay.ts';
import { createHostileRequests, seededRandom } from '../support/hostile-requests.ts';
import { ADMIN_PATHS, judgeAdminAnswers } from '../support/judge-admin-answers.ts';
import { judgeAnswers, type Verdict } from '../support/judge-answers.ts';
import { headsIn } from '../support/read-answers.ts';
import { sendOver } from '../support/send-over.ts';
import { tried } from '../support/tried.ts';

/** Requests over the wire a run: some seconds by default; RELAY_FUZZ_REQUESTS=1000000 is what a release is held against. */
const REQUESTS = Number(process.env['RELAY_FUZZ_REQUESTS'] ?? 3000);
/** Request lines with their fields for the gates, which take some microseconds for each. */
const HEADS = 1_000_000;
/** Another one looks elsewhere. What fails names it. */
const SEED = Number(process.env['RELAY_FUZZ_SEED'] ?? 1);
/** Milliseconds: what has no answer until its client is gone is most often no request. */
const HASTE = { first: 100 };
/** Connections at a time: the admin listener has 64 for an address. */
const AT_ONCE = 60;

interface Attack {
  readonly port: number;
  readonly paths: readonly string[];
  readonly requests: number;
  readonly judge: (bytes: Buffer, heads: number) => Verdict;
  /** Some of which must be among the answers: a generator of nothing but noise finds nothing. */
  readonly statuses: readonly number[];
}

/** Sends so many requests, and has every answer judged. */
async function attack(t: Test, { port, paths, requests, judge, statuses }: Attack): Promise<void> {
  const next = createHostileRequests(paths, seededRandom(SEED));
  const seen = new Map<number, number>();
  const wrong: string[] = [];
  let left = requests;

  async function attacker(): Promise<void> {
    while (left > 0 && wrong.length === 0) {
      left -= 1;
      const text = next();
      const verdict = judge(await sendOver(port, text, HASTE), headsIn(text));
      if (typeof verdict === 'string') wrong.push(`${verdict} after ${JSON.stringify(text)}`);
      else for (const status of verdict.statuses) seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, attacker));
  t.strictSame(wrong, [], `seed ${SEED}`);
  for (const status of statuses) t.ok(seen.get(status), `some were ${status}`);
  tried(t, requests);
}

const relay: AttackedRelay = await attackedRelay(t, { RELAY_ADMIN__HOSTS: 'relay' });

t.test('whatever comes over the wire, an answer is content of the table or a proper refusal', async (t) => {
  t.setTimeout(0);
  const { port, paths, contents, bugs } = relay;
  const judge: Attack['judge'] = (bytes, heads) => judgeAnswers(bytes, contents, heads);
  const statuses = [200, 206, 400, 404, 405, 414, 416, 431];
  await attack(t, { port, paths, requests: REQUESTS, judge, statuses });
  t.strictSame(bugs, [], 'no request led to a bug');
});

t.test('so it is at the admin listener: an answer is of the API, or a proper refusal', async (t) => {
  t.setTimeout(0);
  const port = Number(new URL(relay.relay.adminUrl).port);
  const statuses = [200, 400, 404, 405, 414, 421, 431];
  // Of the machine's time the agents' listener gets more: more people reach it.
  const requests = Math.ceil(REQUESTS / 3);
  await attack(t, { port, paths: ADMIN_PATHS, requests, judge: judgeAdminAnswers, statuses });
  t.strictSame(relay.bugs, [], 'no request led to a bug');
});

t.test('whatever the gates are given, they answer with a canonical path or a refusal of their own', async (t) => {
  t.setTimeout(0);
  const gates: { readonly gate: Gate; readonly hosts: ReadonlySet<string> | null; passed: number }[] = [
    { gate: agentsGate({ allow: ['127.0.0.0/8'], trustedProxies: [] }), hosts: null, passed: 0 },
    { gate: adminGate({ host: '::1', hosts: ['relay'] }), hosts: new Set(['relay', '[::1]']), passed: 0 },
  ];
  const paths = ['/activeupdate/server.ini', '/officescan/download/Pattern/a b.zip', '/api/v1/status', '/'];
  const next = createHostileRequests(paths, seededRandom(SEED));
  const wrong: string[] = [];
  for (let n = 0; n < HEADS && wrong.length === 0; n += 1) {
    const head = headOf(next());
    for (const asked of gates) {
      const verdict = asked.gate(head);
      if (!isRelayError(verdict)) asked.passed += 1;
      const isRight = isRelayError(verdict)
        ? verdict.fault === 'client'
        : isCanonical(verdict) && isFor(head, asked.hosts);
      if (!isRight) wrong.push(`${JSON.stringify(verdict)} after ${JSON.stringify(head)}`);
    }
  }
  t.strictSame(wrong, [], `seed ${SEED}`);
  for (const { passed } of gates) t.ok(passed > HEADS / 50, `${passed} passed: the generator is not all noise`);
  tried(t, HEADS);
});

/** The head of a request as Node would cut it up. */
function headOf(text: string): RequestHead {
  const [line = '', ...fields] = text.split('\r\n');
  const [method = '', url = '', version = ''] = line.split(' ');
  const rawHeaders = fields.flatMap((field) => [field.split(':')[0] ?? '', field.slice(field.indexOf(':') + 1).trim()]);
  const httpVersion = version.replace('HTTP/', '');
  return { httpVersion, method, url, rawHeaders, remoteAddress: '127.0.0.1', identity: UNKNOWN_CLIENT };
}

function isCanonical({ path }: Passage): boolean {
  // oxlint-disable-next-line no-control-regex
  if (!/^\/(?:[^/\\\u0000-\u001f\u007f-\u009f]+\/)*[^/\\\u0000-\u001f\u007f-\u009f]*$/.test(path)) return false;
  return !path.split('/').some((segment) => segment === '.' || segment === '..');
}

/** Whether a second reader, the URL parser, takes Host for one of these names; any will do without names. */
function isFor({ rawHeaders }: RequestHead, names: ReadonlySet<string> | null): boolean {
  if (names === null) return true;
  const host = rawHeaders[rawHeaders.findIndex((name, at) => at % 2 === 0 && /^host$/i.test(name)) + 1] ?? '';
  const name = URL.parse(`http://${host.replace(/:\d+$/, '')}`)?.hostname ?? '';
  return names.has(name.replace(/\.$/, ''));
}
