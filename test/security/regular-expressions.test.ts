// The third way: a regular expression that was wrong. CVE-2024-2223: one that was meant to let a single host through let
// others through too. So the one that says what a Host is has to agree with a reader that was written without any; what
// limits by address uses none; and nothing that reads text from the network takes more than linear time.
import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { addressMatcher } from '../../src/config/addresses.ts';
import { alternativeNames } from '../../src/delivery/certificate-names.ts';
import { evaluate } from '../../src/delivery/conditional.ts';
import { agentsGate } from '../../src/delivery/gates.ts';
import { UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';
import { selectRanges } from '../../src/delivery/ranges.ts';
import { cameBy } from '../../src/ports/via.ts';
import { fill, isRelayError } from '../../src/errors/relay-error.ts';
import { parseManifest } from '../../src/manifest/manifest.ts';
import { canonicalPath, pathFlaw, signaturePath } from '../../src/manifest/path.ts';
import { compareVersions } from '../../src/manifest/versions.ts';
import { parseHttpDate } from '../../src/upstream/http-date.ts';
import { redirectTarget, requestTarget } from '../../src/upstream/request-url.ts';
import { parseContentRange } from '../../src/upstream/resume.ts';
import { parseRetryAfter } from '../../src/upstream/retry-after.ts';
import { DOTS, SLASHES } from '../support/hostile-requests.ts';
import { tried } from '../support/tried.ts';

const RUNS = 5000;

const gate = agentsGate({ allow: ['127.0.0.0/8'], trustedProxies: [] });
const PROPER = {
  httpVersion: '1.1',
  method: 'GET',
  url: '/a',
  remoteAddress: '127.0.0.1',
  identity: UNKNOWN_CLIENT,
};
const takesHost = (host: string): boolean => !isRelayError(gate({ ...PROPER, rawHeaders: ['Host', host] }));

/** The same rule read letter by letter: a name or an address in brackets, then perhaps a colon and up to five digits. */
function isHost(text: string): boolean {
  const within = (letters: string, allowed: string): boolean =>
    letters !== '' && Array.from(letters).every((letter) => allowed.includes(letter));
  const digits = '0123456789';
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  const close = text.indexOf(']');
  const end = text.startsWith('[') && close > 0 ? close + 1 : text.includes(':') ? text.indexOf(':') : text.length;
  const [name, port] = [text.slice(0, end), text.slice(end)];
  if (port !== '' && !(port.startsWith(':') && port.length <= 6 && within(port.slice(1), digits))) return false;
  if (name.startsWith('[')) return name.endsWith(']') && within(name.slice(1, -1), `${digits}abcdefABCDEF:.`);
  return within(name, `${digits}${letters}_.~-`);
}

t.test('what is taken for a Host is one', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom(
      'relay',
      'a.b',
      '10.0.0.1',
      '[::1]',
      '[',
      ']',
      ':',
      ':80',
      ':99999',
      '@',
      '/',
      ' ',
      '\n',
      '\r\n',
      '\t',
      '\u0000',
      'ä',
      ',',
      '%',
      '#',
      '?',
      '\\',
    ),
    fc.string({ maxLength: 3 }),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const host = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(host, (text) => takesHost(text) === isHost(text)),
    { numRuns: RUNS },
  );
  for (const text of ['relay\n', '\nrelay', 'relay\r\n', 'relay:80\n', '[::1]\n', 'relay\u0000', '\u0000relay']) {
    t.notOk(takesHost(text), JSON.stringify(text));
  }
  tried(t, RUNS);
});

t.test('an address is on the list when its number is in a range of the list, however it is written', async (t) => {
  const allowed = addressMatcher(['10.1.0.0/16', '10.2.0.5', '2001:db8::/32']);
  const byte = fc.nat(255);
  fc.assert(
    fc.property(fc.tuple(fc.constantFrom(9, 10, 11), fc.constantFrom(0, 1, 2), byte, byte), ([a, b, c, d]) => {
      const inRange = a === 10 && (b === 1 || (b === 2 && c === 0 && d === 5));
      return allowed(`${a}.${b}.${c}.${d}`) === inRange;
    }),
    { numRuns: RUNS },
  );
  for (const text of [
    '',
    '10.1',
    '10.1.0.1.evil.example',
    '10.1.0.1/16',
    ' 10.1.0.1',
    '10.1.0.1\n',
    '010.1.0.1',
    '0x0a.1.0.1',
    '167837697',
    '10.1.0.256',
    '2001:db8::zz',
    'localhost',
  ]) {
    t.notOk(allowed(text), JSON.stringify(text));
  }
  tried(t, RUNS);
});

/** Milliseconds of the processor for a text of a hundred thousand characters: far more than linear time takes, far less than quadratic would. */
const PATIENCE = 250;
const LONG = 100_000;

/** Texts on which expressions that go back and forth take longest: runs of what almost fits, ended by what does not. */
const UNITS = [
  'a',
  '1',
  ' ',
  '\t',
  '.',
  '-',
  ',',
  ':',
  '/',
  '\\',
  '%',
  '%41',
  '%c3',
  '"',
  'W/"',
  '"a",',
  '0-',
  '0-1,',
  ', ',
  '[',
  '(',
  '=',
  '\u0000',
  '\u00e4',
  '\u2028',
  '1.',
  'x ',
  ...DOTS,
  ...SLASHES,
];
const ENDS = ['', '!', '\n', '\u0000', '"', ' '];

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'the gate: a Host': (text) => gate({ ...PROPER, rawHeaders: ['Host', text] }),
  'the gate: a target': (text) => gate({ ...PROPER, url: `/${text}`.slice(0, 2048), rawHeaders: ['Host', 'a'] }),
  'the gate: many fields': (text) => gate({ ...PROPER, rawHeaders: ['Host', 'a', ...Array.from(text)] }),
  'an address': (text) => addressMatcher(['10.0.0.0/8'])(text),
  'names in a certificate': (text) => alternativeNames(`DNS:${text}`),
  Via: (text) => cameBy(`1.1 ${text}`, 'relay-x'),
  Range: (text) => selectRanges(`bytes=${text}`, 1000),
  'If-None-Match': (text) => evaluate({ 'if-none-match': text }, '"x"'),
  'If-Match': (text) => evaluate({ 'if-match': text }, '"x"'),
  'Content-Range': (text) => parseContentRange(`bytes ${text}`),
  'Retry-After': (text) => parseRetryAfter(text, 0),
  'a date': (text) => parseHttpDate(`Mon, ${text}`),
  Location: (text) => redirectTarget(requestTarget('http://a/b', 'c'), text),
  'a path upstream': (text) => requestTarget('http://a/b', text),
  'a path of an index': (text) => [pathFlaw(text), canonicalPath(text), signaturePath(text)],
  'two versions': (text) => compareVersions(text, `${text}1`),
  'an index': (text) => {
    try {
      parseManifest(Buffer.from(`[PATTERN]\nP.4=${text}`));
    } catch (error) {
      if (!isRelayError(error)) throw error;
    }
  },
  'a sentence of the log': (text) => fill('{a} and {b}', { a: text, b: text }),
};

t.test('no text from the network takes more than linear time to read', async (t) => {
  for (const [what, read] of Object.entries(READERS)) {
    let slowest = 0;
    let worst = '';
    for (const unit of UNITS) {
      for (const end of ENDS) {
        const text = unit.repeat(LONG / unit.length) + end;
        // Not by the clock: the machine has other things to do.
        const before = process.cpuUsage();
        read(text);
        const took = process.cpuUsage(before).user / 1000;
        if (took > slowest) [slowest, worst] = [took, encodeURIComponent(unit + end)];
        if (took > PATIENCE) break;
      }
      if (slowest > PATIENCE) break;
    }
    t.ok(slowest < PATIENCE, `${what}: ${Math.round(slowest)} ms at most, with ${worst}`);
  }
  tried(t, Object.keys(READERS).length * UNITS.length * ENDS.length);
});
