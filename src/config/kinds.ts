import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { Type, type TProperties } from 'typebox';
import { isAddressRange, isEntryRange } from './addresses.ts';
import { BASE_URL, baseUrlCorrection, normaliseBaseUrl } from './base-url.ts';
import { PROXY_URL, proxyUrlCorrection } from './proxy-url.ts';
import { SERVER_URL, serverUrlCorrection } from './server-url.ts';
import {
  DURATION_UNITS,
  formatDuration,
  formatRate,
  formatSize,
  parseDuration,
  parseRate,
  parseSize,
  RATE_UNITS,
  SIZE_UNITS,
} from './units.ts';
import { parseDays, parseTimeOfDay } from './week.ts';

/**
 * What a key tells about itself, all of it as it is written in the file: a key with neither default nor `optional`
 * has to be set. `examples` is for keys without a default.
 */
export interface About<Written> {
  readonly description: string;
  readonly default?: Written;
  readonly examples?: readonly [Written];
  /**
   * A running relay takes another value over when it is told to read its configuration again. `replaced`: another value,
   * but not that there is one or none.
   */
  readonly live?: true | 'replaced';
  /** What was written is shown in no message. */
  readonly secret?: true;
}

// Each kind of value below is a TypeBox type with one keyword more: `expects`, what a right value is, in words.
// Messages and the reference both use it. A codec's encoded side is what is written, its decoded side what the relay
// works with.

/** A group of keys. */
export const section = <P extends TProperties>(description: string, keys: P) => Type.Object(keys, { description });

/** An address to listen on. No other names than localhost: what they resolve to is nothing to bet access on. */
export const host = (about: About<string>) =>
  text('an IPv4 or IPv6 address, or localhost', (written) => written === 'localhost' || isIP(written) !== 0, about);

export const port = (about: About<number>) =>
  Type.Integer({ minimum: 0, maximum: 65_535, expects: 'a port from 1 to 65535, or 0 for any free one', ...about });

export const integer = (range: { minimum: number; maximum: number }, about: Partial<About<number>>) =>
  Type.Integer({ ...range, expects: `a whole number from ${range.minimum} to ${range.maximum}`, ...about });

export const flag = (about: About<boolean>) => Type.Boolean({ expects: 'true or false', ...about });

export const choice = <V extends string>(values: readonly V[], about: About<NoInfer<V>>) =>
  Type.Enum<V[]>(values, { expects: `one of ${values.join(', ')}`, ...about });

/** A file or folder. Absolute, so that it does not depend on where the relay is started. */
export const path = (about: Partial<About<string>>) =>
  text('an absolute path', (written) => isAbsolute(written) && !written.includes('\0'), about);

export const addressRanges = (about: Partial<About<string[]>>) =>
  Type.Array(text('an IPv4 or IPv6 address, or a range of them as in 10.0.0.0/8', isAddressRange, {}), {
    expects: 'a list of IPv4 or IPv6 addresses and ranges, as in ["10.0.0.0/8", "::1"]',
    ...about,
  });

/** Names of domains of the agent tree, each a segment of a URL (docs/protocol.md §3). */
export const domainList = (about: About<string[]>) =>
  Type.Array(
    text(DOMAIN, (written) => DOMAIN_NAME.test(written), {}),
    {
      expects: 'a list of domain names, as in ["Branch", "Workgroup"]',
      ...about,
    },
  );

/** Who may have the settings of a domain. Each entry is checked by itself, as those of the source list are. */
export const domainAgentsList = (about: About<{ domain: string }[]>) =>
  Type.Array(
    Type.Object(
      {
        domain: text(DOMAIN, (written) => DOMAIN_NAME.test(written), { secret: true }),
        ranges: Type.Optional(addressRanges({})),
        certificates: Type.Optional(
          Type.Array(
            text(CERTIFICATE, (written) => written !== '', {}),
            { expects: 'a list of names that certificates have, as in ["pc-7.example.com"]' },
          ),
        ),
      },
      { expects: 'an entry with the key domain, and with ranges or certificates or both', secret: true },
    ),
    {
      expects:
        'a list of entries, as in [{"domain": "Branch", "ranges": ["10.1.0.0/16"], "certificates": ["pc-7.example.com"]}]',
      secret: true,
      ...about,
    },
  );

const CERTIFICATE = 'a name as a certificate has it, as in pc-7.example.com';

const DOMAIN = 'the name of a domain, as in Branch: no slash, and none of \\ : % ? #';
// oxlint-disable-next-line no-control-regex
const DOMAIN_NAME = /^(?!\.{1,2}$)[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd\\/:%?#]{1,255}$/;

/** What a Host field may say, without the port. */
export const hostNames = (about: About<string[]>) =>
  Type.Array(
    text('a host name or an address, without a port', (written) => HOST_NAME.test(written), {}),
    {
      expects: 'a list of host names and addresses, as in ["relay.example.com", "10.1.2.3"]',
      ...about,
    },
  );

const HOST_NAME = /^(?:[\w.-]+|[\da-f:.]*:[\da-f:.]+)$/i;

/** Written `20GiB`, decoded to bytes. */
export const size = (minimum: number, about: About<string>) => {
  const least = minimum > 0 ? ` of at least ${formatSize(minimum)}` : '';
  const expects = `a size${least} with its unit (${SIZE_UNITS}), as in 20GiB`;
  const isRight = (written: string) => (parseSize(written) ?? -1) >= minimum;
  return Type.Codec(text(expects, isRight, about))
    .Decode((written) => Number(parseSize(written)))
    .Encode(formatSize);
};

/** Written `15m`, decoded to milliseconds. */
export const duration = (minimum: number, maximum: number, about: About<string>) => {
  const limits = `${formatDuration(minimum)} to ${formatDuration(maximum)}`;
  const expects = `a duration from ${limits} with its unit (${DURATION_UNITS}), as in 15m`;
  const isRight = (written: string) => {
    const milliseconds = parseDuration(written) ?? -1;
    return milliseconds >= minimum && milliseconds <= maximum;
  };
  return Type.Codec(text(expects, isRight, about))
    .Decode((written) => Number(parseDuration(written)))
    .Encode(formatDuration);
};

/** Written `20Mbit/s`, decoded to bytes per second. */
export const rate = (minimum: number, about: Partial<About<string>>) => {
  const expects = `a rate of at least ${formatRate(minimum)} with its unit (${RATE_UNITS}), as in 20Mbit/s`;
  return Type.Codec(text(expects, (written) => (parseRate(written) ?? -1) >= minimum, about))
    .Decode((written) => Number(parseRate(written)))
    .Encode(formatRate);
};

/** Rates that hold at certain times of the week, each at least `minimum` bytes per second. */
export const rateWindows = (minimum: number, about: About<object[]>) =>
  Type.Array(
    Type.Object(
      {
        days: Type.Optional(text(DAYS, (written) => parseDays(written) !== undefined, {})),
        from: text(TIME_OF_DAY, (written) => parseTimeOfDay(written) !== undefined, {}),
        to: text(TIME_OF_DAY, (written) => parseTimeOfDay(written) !== undefined, {}),
        rate: rate(minimum, {}),
      },
      { expects: 'a window with the keys from, to, rate and, where it is not for every day, days' },
    ),
    {
      expects: 'a list of windows, as in [{"days": "mon-fri", "from": "08:00", "to": "18:00", "rate": "4Mbit/s"}]',
      ...about,
    },
  );

const DAYS = 'days of the week and ranges of them, as in mon-fri or sat,sun';
const TIME_OF_DAY = 'a time of day from 00:00 to 23:59, as in 08:00';

/** The base URL of an OfficeScan server, decoded to its one spelling. */
export const serverUrl = (about: About<string>) => url(SERVER_URL, serverUrlCorrection, about);

/** The base URL of any other update source, decoded to its one spelling. */
export const sourceUrl = (about: Partial<About<string>>) => url(BASE_URL, baseUrlCorrection, about);

/** The customized update source list. Its entries are checked one by one, so that each problem has its line. */
export const sourceList = (about: About<{ url: string; range?: string }[]>) =>
  Type.Array(
    Type.Object(
      { url: sourceUrl({}), range: Type.Optional(text(ENTRY_RANGE, isEntryRange, {})) },
      { expects: 'an entry with the keys url and, where it is not for everybody, range' },
    ),
    {
      // What the console takes (docs/protocol.md, "Update sources").
      maxItems: 1024,
      expects:
        'a list of at most 1024 entries, as in [{"url": "http://ua1:21112/activeupdate", "range": "10.1.0.0/16"}]',
      ...about,
    },
  );

/** How sources are reached, by prefix of their URL. Each entry is checked by itself, as those of the source list are. */
export const reachList = (about: About<{ prefix: string; proxy?: string }[]>) =>
  Type.Array(
    Type.Object(
      {
        prefix: sourceUrl({}),
        proxy: Type.Optional(url(PROXY_URL, proxyUrlCorrection, {})),
        proxyCredentialsFile: Type.Optional(path({})),
        credentialsFile: Type.Optional(path({})),
        ca: Type.Optional(path({})),
        clientCert: Type.Optional(path({})),
        clientKey: Type.Optional(path({})),
        pin: Type.Optional(text('sha256/ and the base64 of 32 bytes', (written) => PIN.test(written), {})),
      },
      { expects: 'an entry with the key prefix and those that say how the sources below it are reached' },
    ),
    {
      expects:
        'a list of entries, as in [{"prefix": "https://osce.example.com:4343", "proxy": "http://proxy.example.com:3128"}]',
      ...about,
    },
  );

const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;

const ENTRY_RANGE =
  'an IPv4 or IPv6 address, or a range of them as in 10.1.0.0-10.1.255.255, 10.1.0.0/16 or 2001:db8::/48';

function url(expects: string, correction: (written: string) => string | undefined, about: Partial<About<string>>) {
  const checked = Type.Refine(
    Type.String({ expects, ...about }),
    (written) => correction(written) === undefined,
    (written) => correction(written) ?? expects,
  );
  return Type.Codec(checked)
    .Decode(normaliseBaseUrl)
    .Encode((normal) => normal);
}

function text(expects: string, isRight: (written: string) => boolean, about: Partial<About<string>>) {
  return Type.Refine(Type.String({ expects, ...about }), isRight, () => expects);
}
