/** A source of numbers in [0, 1). */
export type Random = () => number;

/** Numbers that are the same for the same seed, so that what was found can be looked at again (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The ways to write two dots that somebody on the way to a file might take for them. */
export const DOTS: readonly string[] = [
  '..',
  '.',
  '...',
  '%2e%2e',
  '%2E%2e',
  '.%2e',
  '%2e.',
  '%252e%252e',
  '%25252e%25252e',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '%f0%80%80%ae',
  '%u002e%u002e',
  '%ef%bc%8e%ef%bc%8e',
  '..%00',
  '..;',
  '..%20',
  '..%09',
  '..\u00a0',
  '..::$DATA',
];

/** The ways to write what stands between two folders. */
export const SLASHES: readonly string[] = [
  '/',
  '//',
  '/./',
  '\\',
  '\\\\',
  '%2f',
  '%2F',
  '%5c',
  '%5C',
  '%252f',
  '%255c',
  '%c0%af',
  '%c1%9c',
  '%e0%80%af',
  '%ef%bc%8f',
  '%u2215',
  ';/',
  '%00/',
];

const METHODS = [
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
  'PRI',
  'G\u0000T',
  '',
];
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.10',
  'http/1.1',
  '',
];
const ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\n\r', '\r\r\n', '\u0085'];
const HOSTS = [
  'relay',
  'relay:8080',
  '[::1]:8080',
  '',
  ' ',
  'evil.example',
  'a, b',
  'a@b',
  'http://a',
  '1.2.3.4:99999',
  'a\u0000b',
  '[',
  'ä',
];
const VALUES = [
  '0',
  '5',
  '-1',
  '+5',
  '0x5',
  '5, 5',
  'chunked',
  'gzip, chunked',
  'identity',
  'close',
  'keep-alive, Upgrade',
  '*',
  '"x"',
];
const NAMES = [
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'Upgrade',
  'Expect',
  'Range',
  'If-Range',
  'If-None-Match',
  'If-Match',
  'Via',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Original-URL',
  'Forwarded',
  'Trailer',
  'TE',
  'HTTP2-Settings',
  'Content-Length ',
  ' Host',
  'Ho st',
  '',
  '__proto__',
];
const RANGES = [
  'bytes=0-',
  'bytes=0-9',
  'bytes=-5',
  'bytes=5-1',
  'bytes=0-0,2-3',
  'bytes=-',
  'bytes=99999999999999999999-',
  'lines=1-2',
  'bytes=,,,',
];
const TAILS = [
  '0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;x="\r\n\r\nGET / HTTP/1.1',
  'abcde',
  '\u0000'.repeat(20),
  'GET /activeupdate/server.ini HTTP/1.1\r\nHost: a\r\n\r\n',
];
const FILES = ['etc/passwd', 'windows/win.ini', 'current', 'format', 'proc/self/environ', ''];

/**
 * Requests as an attacker writes them, as many as are asked for: some proper ones for `paths`, more that are nearly
 * proper, most with something wrong in line, fields or end, and then with bytes changed. Latin-1, a byte a character.
 */
export function createHostileRequests(paths: readonly string[], random: Random): () => string {
  const chance = (share: number): boolean => random() < share;
  const below = (count: number): number => Math.floor(random() * count);
  const one = (choices: readonly string[]): string => choices[below(choices.length)] ?? '';
  const some = (count: number, make: () => string): string => Array.from({ length: below(count + 1) }, make).join('');

  function target(): string {
    const path = one(paths);
    switch (below(9)) {
      case 0:
        return `/activeupdate/${some(4, () => one(DOTS) + one(SLASHES))}${one(FILES)}`;
      case 1:
        return `${some(3, () => one(SLASHES) + one(DOTS))}${path}`;
      case 2:
        return `${one(['http://evil.example', 'https://127.0.0.1:1', '//evil.example', 'evil.example:443', '*', '@evil'])}${path}`;
      case 3:
        return `${path}${one(['#', '?', '/', '%', '%00', '%zz', '.', ';x', '\\', ' ', '?a=/../', '//'])}`;
      case 4:
        return `${path}/${some(40, () => one(['a', '%41', '%C3%A4', 'ä', '%ff', '\t']))}`;
      case 5:
        return `/${'a'.repeat(below(4000))}`;
      case 6:
        return path.replace(/[a-z]/g, (letter) => (chance(0.2) ? `%${letter.charCodeAt(0).toString(16)}` : letter));
      default:
        return path;
    }
  }

  function field(): string {
    if (chance(0.3)) return `Range: ${one(RANGES)}`;
    const name = one(NAMES);
    const value = /host/i.test(name) ? one(HOSTS) : chance(0.1) ? 'x'.repeat(below(9000)) : one(VALUES);
    return `${name}${one([':', ': ', ': ', ': ', ':\t', ' : ', ''])}${value}`;
  }

  function request(): string {
    if (chance(0.1))
      return `${one(['GET', 'HEAD'])} ${one(paths)} HTTP/1.1\r\nHost: relay\r\n${chance(0.5) ? `Range: ${one(RANGES)}\r\n` : ''}\r\n`;
    const end = chance(0.9) ? '\r\n' : one(ENDS);
    const gap = chance(0.9) ? ' ' : one(['  ', '\t', '', '\u000b']);
    const fields = [...(chance(0.8) ? [`Host: ${one(HOSTS)}`] : []), ...Array.from({ length: below(5) }, field)];
    const line = [one(METHODS), target(), one(VERSIONS)].join(gap);
    return `${line}${end}${fields.map((text) => text + (chance(0.95) ? end : one(ENDS))).join('')}${end}${chance(0.2) ? one(TAILS) : ''}`;
  }

  function changed(text: string): string {
    const at = below(text.length);
    const byte = String.fromCharCode(below(256));
    switch (below(4)) {
      case 0:
        return text.slice(0, at) + byte + text.slice(at + 1);
      case 1:
        return text.slice(0, at) + byte + text.slice(at);
      case 2:
        return text.slice(0, at) + text.slice(at + 1 + below(10));
      default:
        return text.slice(0, at) + text.slice(below(at + 1), at) + text.slice(at);
    }
  }

  return () => {
    let text = request();
    while (chance(0.25)) text = changed(text);
    return text;
  };
}
