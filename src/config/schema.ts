import { Type, type StaticDecode } from 'typebox';
import {
  addressRanges,
  choice,
  domainAgentsList,
  domainList,
  duration,
  flag,
  host,
  hostNames,
  integer,
  path,
  port,
  reachList,
  rate,
  rateWindows,
  section,
  serverUrl,
  size,
  sourceList,
  sourceUrl,
} from './kinds.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 2 ** 20;
/**
 * Bytes per second, 128 kbit/s: eight downloads that take turns with pieces of 64 KiB then keep each source waiting for half
 * a minute, and web servers hang up after a whole one (nginx: send_timeout).
 */
const SLOWEST = 16_000;
/** Bytes per second: three releases, half a GiB, then take more than two hours. */
const SLOWEST_SCRUB = 64 * 2 ** 10;

/**
 * Every key of the configuration: the one place its types, defaults, checks, messages, `relay.example.yaml` and
 * `docs/reference/configuration.md` come from.
 */
export const ConfigSchema = Type.Object({
  agents: section('The listener that serves updates to agents.', {
    host: host({ default: '0.0.0.0', description: 'Address to listen on.' }),
    port: port({ default: 8080, description: 'Port to listen on.' }),
    allow: addressRanges({
      default: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '::1', 'fc00::/7'],
      live: true,
      description: 'Who is served; everybody else gets 403. An empty list denies everybody.',
    }),
    memory: size(MIB, {
      default: '256MiB',
      description:
        'Memory for what agents ask for: a quarter for small objects, the rest for large ones that are asked for often or come just now. What has no room there is sent from disk, at more than twice the cost.',
    }),
    allowPlain: flag({
      default: false,
      description:
        'Hand domain settings out over plain HTTP too, where everybody on the way can read them. Off, who asks so gets 403.',
    }),
    trustedProxies: addressRanges({
      default: [],
      live: true,
      description:
        'Proxies that agents come through. Only their `X-Forwarded-For` is believed: the rightmost address in it that is none of them counts as the agent’s. Where it holds something else than an address, the request is refused.',
    }),
    relays: addressRanges({
      default: [],
      live: true,
      description:
        'Relays that have this one as their source. Each asks for a whole office, so `limits.downloadsPerAddress` is not for who comes from these addresses; all other limits are.',
    }),
    tls: section('TLS 1.2 or later for agents. With a certificate, the listener speaks nothing else.', {
      cert: Type.Optional(
        path({
          examples: ['/etc/relay/agents.pem'],
          live: 'replaced',
          description:
            'PEM file with the relay’s certificate, then those that vouch for it. Read again each minute; what cannot be used is told, and the one in use stays.',
        }),
      ),
      key: Type.Optional(
        path({
          examples: ['/etc/relay/agents.key'],
          live: 'replaced',
          description: 'PEM file with the key of the certificate.',
        }),
      ),
      clientCa: Type.Optional(
        path({
          examples: ['/etc/relay/agents-ca.pem'],
          live: 'replaced',
          description: 'PEM file with the CAs whose certificates agents show themselves with.',
        }),
      ),
      clientCertificates: choice(['required', 'optional'], {
        default: 'required',
        description:
          'Whether an agent without a certificate of `clientCa` is served. Where it is optional, one that is not valid is taken for none.',
      }),
    }),
    limits: section('How much one client, and all together, may take of the relay.', {
      connections: Type.Optional(
        integer(
          { minimum: 1, maximum: 100_000 },
          {
            examples: [2000],
            live: true,
            description:
              'Connections at a time; others are closed as they come. Without it 10,000, and in any case no more than the limit of open files leaves beside 512.',
          },
        ),
      ),
      connectionsPerAddress: integer(
        { minimum: 1, maximum: 100_000 },
        {
          default: 16,
          live: true,
          description:
            'Connections at a time from one address. More where many agents stand behind one address (NAT); those of `trustedProxies` are not counted so.',
        },
      ),
      downloadsPerAddress: integer(
        { minimum: 1, maximum: 100_000 },
        {
          default: 4,
          live: true,
          description:
            'Downloads of large objects at a time for one address; others get 503 with `Retry-After`. More behind NAT; relays that have this one as their source belong in `relays`.',
        },
      ),
    }),
  }),
  admin: section('The listener for administration: status, metrics, health.', {
    host: host({
      default: '127.0.0.1',
      description: 'Address to listen on. Without `tokenFile` it must be a loopback address.',
    }),
    port: port({ default: 8081, description: 'Port to listen on. Not that of the agents.' }),
    tokenFile: Type.Optional(
      path({
        examples: ['/etc/relay/admin.token'],
        live: true,
        description: 'File with the token that requests which change something must carry. Without it there are none.',
      }),
    ),
    hosts: hostNames({
      default: [],
      live: true,
      description:
        'Names and addresses, without a port, that the listener is called by besides those of loopback and `host`. A request with another `Host` is refused: it may come from a web page whose name was made to lead here (DNS rebinding).',
    }),
  }),
  storage: section('Where the mirror lies on disk, and how much room it may take.', {
    path: path({ default: '/var/lib/relay', description: 'Folder of the store, for one relay alone.' }),
    maxSize: size(MIB, { default: '20GiB', description: 'The most the store may hold.' }),
    minFree: size(0, { default: '1GiB', description: 'Room that stays free on the disk, whatever `maxSize` allows.' }),
    keepGenerations: integer(
      { minimum: 1, maximum: 100 },
      { default: 3, description: 'How many generations are kept, the current one included.' },
    ),
    scrub: section('The walk over the store that finds what the disk has damaged, before an agent asks for it.', {
      rate: rate(SLOWEST_SCRUB, {
        default: '4MiB/s',
        description: 'How fast the store is read, at most: slow enough that agents do not feel it.',
      }),
      every: duration(HOUR, 30 * DAY, {
        default: '7d',
        description: 'Time from the beginning of one walk to that of the next: each object is read once in it.',
      }),
    }),
  }),
  sources: section('Where updates come from. docs/guide/sources.md shows how these settings make an order.', {
    officeScanServer: serverUrl({
      examples: ['https://osce.example.com:4343/officescan'],
      live: true,
      description:
        'Base URL of the OfficeScan (Apex One) server, without credentials; for components `/download` is appended.',
    }),
    activeUpdate: sourceUrl({
      default: 'https://osce14-p.activeupdate.trendmicro.com/activeupdate',
      live: true,
      description: 'Base URL of the ActiveUpdate server, which has components only.',
    }),
    customized: sourceList({
      default: [],
      live: true,
      description:
        'Sources to try first, in this order, e.g. `{ url: http://ua1.example.com:21112/activeupdate, range: 10.1.0.0-10.1.255.255 }`. An entry with a `range` is only for clients in it; for this relay, that is one of the host’s own addresses.',
    }),
    updateAgentsOnlyFromServer: flag({
      default: false,
      live: true,
      description: 'Disregard `customized`: an Update Agent, which this relay is, updates from the OfficeScan server.',
    }),
    fromServerWhenCustomizedFail: section('Which items the OfficeScan server gives when all of `customized` fail.', {
      components: flag({
        default: true,
        live: true,
        description: 'Components. Off, ActiveUpdate may be tried instead.',
      }),
      domainSettings: flag({ default: true, live: true, description: 'Domain settings.' }),
      programs: flag({ default: true, live: true, description: 'Agent programs and hot fixes.' }),
    }),
    agentsDownloadFromActiveUpdate: flag({
      default: false,
      live: true,
      description:
        'The privilege to take components from ActiveUpdate. Without it, ActiveUpdate is tried only where there is a list and it is no entry of `customized`; with `updateAgentsOnlyFromServer`, only where it is the first.',
    }),
    activeUpdatePatternsOnly: flag({
      default: false,
      live: true,
      description: 'Take patterns from ActiveUpdate, but no engines.',
    }),
    reach: reachList({
      default: [],
      live: true,
      description:
        'How sources are reached that are not simply there. An entry is for the URLs below its `prefix`; the longest that fits decides, alone. `proxy`: URL of an HTTP or HTTPS proxy, which `proxyCredentialsFile` opens; hosts in the environment variable `NO_PROXY` are reached without it, and `HTTP_PROXY` and `HTTPS_PROXY` have no effect. `credentialsFile`: for basic authentication at the source. Files of credentials hold `user:password`. `ca`: PEM file of certificates to trust besides those of the system. `clientCert`, `clientKey`: PEM files of what the relay shows itself with. `pin`: `sha256/BASE64` of the public key the source must have, besides a trusted certificate. No key allows plain HTTP: a source written with `http:` is asked so, one written with `https:` never is. All files are read at the start, and again with each reload.',
    }),
  }),
  mirror: section('What is mirrored, and how often.', {
    every: duration(MINUTE, 7 * DAY, {
      default: '15m',
      live: true,
      description: 'Time between two looks at the source.',
    }),
    prefetch: section(
      'What is fetched before a release is published; the rest is fetched once, when the first agent asks for it.',
      {
        incrementals: flag({
          default: true,
          live: true,
          description: 'Incrementals, which bring most agents up to date.',
        }),
        engines: flag({ default: true, live: true, description: 'Engines.' }),
        fullPatternsUpTo: size(0, {
          default: '8MiB',
          live: true,
          description: 'Full patterns up to this size. Larger ones are for agents that are new or long out of date.',
        }),
        programs: flag({ default: false, live: true, description: 'Agent program packages that the index names.' }),
        unaskedFor: Type.Optional(
          duration(DAY, 365 * DAY, {
            examples: ['30d'],
            live: true,
            description:
              'What no agent has asked for in this time, of a whole component, is fetched only when one does; then it is prefetched again. Without it all is.',
          }),
        ),
      },
    ),
    items: section('Kinds of item besides components.', {
      domainSettings: flag({
        default: false,
        description:
          'The settings (`ofcscan.ini`) of the domains in `mirror.domains`. They may hold passwords. Off, agents get 404 for them.',
      }),
      programs: flag({
        default: true,
        description:
          'Agent program packages that the index names, and the hot-fix trees. Off, agents get 404 for them.',
      }),
    }),
    domains: domainList({
      default: [],
      description: 'The domains of the agent tree whose settings are handed on; all others are 404.',
    }),
    domainAgents: domainAgentsList({
      default: [],
      description:
        'Who may have the settings of a domain of that list, e.g. `{ domain: Branch, ranges: [10.1.0.0/16], certificates: [pc-7.example.com] }`; others get 404, as for a domain that is not there. A domain without an entry is for all whom `agents.allow` lets in. `ranges`: the agent’s address must be in one of them. `certificates`: its certificate of `agents.tls.clientCa` must have one of these names, letter for letter, as a CN of its subject or as a DNS name, address, mail address or URI among its alternative names. Where both are given, both must fit; an empty list fits nobody.',
    }),
    serverSection: choice(['comment', 'keep'], {
      default: 'comment',
      description: 'The `[Server]` section that agents get. Kept, it may lead them past the relay to the Internet.',
    }),
    wan: section('How much of the line all sources together may take. Agents are never slowed down.', {
      rate: Type.Optional(
        rate(SLOWEST, {
          examples: ['20Mbit/s'],
          live: true,
          description: 'The rate while no window holds. Without it there is no limit then.',
        }),
      ),
      windows: rateWindows(SLOWEST, {
        default: [],
        live: true,
        description:
          'Rates for certain times, e.g. `{ days: mon-fri, from: "08:00", to: "18:00", rate: 4Mbit/s }`, in local time; the first window that holds counts. Without `days` it is for every day; a `to` at or before `from` is on the day after.',
      }),
    }),
  }),
  log: section('The log.', {
    level: choice(['debug', 'info', 'warn', 'error'], {
      default: 'info',
      live: true,
      description: 'The least that is logged.',
    }),
  }),
});

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

/** The configuration as the relay works with it: sizes in bytes, durations in milliseconds, URLs in one spelling. */
export type Config = Immutable<StaticDecode<typeof ConfigSchema>>;
