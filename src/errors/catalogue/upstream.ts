import type { CatalogueEntry } from './entry.ts';

export const upstreamErrors = {
  RLY_UPSTREAM_REFUSED: {
    fault: 'upstream',
    what: '{url} refused the connection: nothing listens there, or a firewall rejects it',
    advice: 'Check host and port in sources, and that the server is running.',
  },
  RLY_UPSTREAM_UNREACHABLE: {
    fault: 'upstream',
    what: 'no connection to {url}: {reason}',
    advice: 'Check routing and firewalls between this host and the server.',
  },
  RLY_UPSTREAM_DNS: {
    fault: 'upstream',
    what: 'the host name in {url} does not resolve: {reason}',
    advice: 'Check the name in sources, and the DNS servers of this host.',
  },
  RLY_UPSTREAM_TLS: {
    fault: 'upstream',
    what: 'no trusted TLS connection to {url}: {reason}',
    advice:
      'A certificate that has expired or names another host is renewed at the server. One of a private CA is trusted when {key}.ca names the certificate of that CA. A server that asks for a client certificate gets that of {key}.clientCert.',
  },
  RLY_UPSTREAM_PIN: {
    fault: 'upstream',
    what: '{url} has another public key than the one it is pinned to: found {found}, expected {expected}',
    advice:
      'Ask whoever runs the server whether its key was replaced. If so, write the new one into {key}.pin; if not, somebody is in between.',
  },
  RLY_UPSTREAM_PROXY: {
    fault: 'upstream',
    what: 'no way to {url} through the proxy {proxy}: {reason}',
    advice: 'Check {key}.proxy, that the proxy is running, and that it lets this host through to the source.',
  },
  RLY_UPSTREAM_PROXY_AUTH: {
    fault: 'upstream',
    what: 'the proxy {proxy}, on the way to {url}, answered {status}: it asks for credentials and {found}',
    advice: 'Write user:password into the file that {key}.proxyCredentialsFile names, and start the relay anew.',
  },
  RLY_UPSTREAM_UNAUTHORIZED: {
    fault: 'upstream',
    what: '{url} answered {status}: it asks for credentials and {found}',
    advice: 'Write user:password into the file that {key}.credentialsFile names, and start the relay anew.',
  },
  RLY_UPSTREAM_ADDRESS: {
    fault: 'config',
    what: 'no connection to {url} is made: {reason}, a link-local or metadata address',
    advice: 'Check the address in sources, and what DNS answers for its name.',
  },
  RLY_UPSTREAM_TIMEOUT: {
    fault: 'upstream',
    what: '{url} sent {missing} for {seconds} s',
    advice: 'The server or the line hangs. The next update tries again; look at both if it stays so.',
  },
  RLY_UPSTREAM_TOO_SLOW: {
    fault: 'upstream',
    what: '{url} is too slow: {found}, expected {expected}',
    advice: 'The server or the line is overloaded. The next update tries again; look at both if it stays so.',
  },
  RLY_UPSTREAM_RESET: {
    fault: 'upstream',
    what: 'the connection to {url} was cut: {reason}',
    advice:
      'The next update tries again. If it stays so, look for a proxy or firewall that cuts long downloads. A server that asks for a client certificate (sources.reach[].clientCert) in TLS 1.3 cuts so too.',
  },
  RLY_UPSTREAM_PROTOCOL: {
    fault: 'upstream',
    what: '{url} did not answer in proper HTTP: {reason}',
    advice: 'Check scheme and port in sources: plain HTTP on a TLS port looks like this.',
  },
  RLY_UPSTREAM_FAILED: {
    fault: 'upstream',
    what: 'the request to {url} failed: {reason}',
    advice: 'The reason comes from the system of this host; the next update tries again.',
  },
  RLY_UPSTREAM_NOT_FOUND: {
    fault: 'upstream',
    what: '{url} is not there ({found})',
    advice: 'During a release that passes within 5 minutes; if it stays so, check the address in sources.',
  },
  RLY_UPSTREAM_LOOP: {
    fault: 'config',
    what: '{url} leads back to this relay: it answered {found}, the relay’s own request came to itself',
    advice:
      'Take that address out of sources: it is this relay’s own, perhaps by another name or through a proxy. Should it be another relay, then one has a copy of the other’s store, and with it its name: delete the file notes in the store of one.',
  },
  RLY_UPSTREAM_STATUS: {
    fault: 'upstream',
    what: '{url} answered {found}, expected {expected}',
    advice: 'Open the URL from this host; check the address in sources, and what the server logs for it.',
  },
  RLY_UPSTREAM_BUSY: {
    fault: 'upstream',
    what: '{url} answered {found} and asks to come back in {retryAfter} s',
    advice:
      'The server is overloaded or limits its clients, and is left alone that long. Make the interval (mirror.every) longer if it stays so.',
  },
  RLY_UPSTREAM_NOT_YET: {
    fault: 'upstream',
    what: 'the relay that has {url} cannot give it yet ({found})',
    advice: 'It may be fetching it itself. The next try asks again; if it stays so, look at the log of that relay.',
  },
  RLY_UPSTREAM_NOT_BEFORE: {
    fault: 'upstream',
    what: '{url} is not asked before {until}, as it said in Retry-After',
    advice: 'The schedule heeds that by itself. `relay update` asks at once all the same.',
  },
  RLY_UPSTREAM_CIRCLE: {
    fault: 'config',
    what: '{url} has its updates from this relay itself, by way of {relays} relays',
    advice:
      'What it has cannot be news here, so the next source is asked. Take one of the two out of the list of the other, unless it is meant to stand in.',
  },
  RLY_UPSTREAM_REDIRECT: {
    fault: 'upstream',
    what: '{url} answered {found} and points to {location}; the relay follows {expected}',
    advice: 'Where updates come from is configuration: write the new address into sources if you trust it.',
  },
  RLY_UPSTREAM_CODED: {
    fault: 'upstream',
    what: '{url} sent its content coded as {found}, expected {expected}',
    advice: 'Switch compression off for this path at the server, or at the proxy in between.',
  },
  RLY_UPSTREAM_NO_LENGTH: {
    fault: 'upstream',
    what: '{url} sent {found}, expected {expected}: a cut could not be told from the end',
    advice: 'Look for an old proxy in between, or let the server send Content-Length.',
  },
  RLY_UPSTREAM_SIZE: {
    fault: 'upstream',
    what: '{url} has the wrong size: found {found}, expected {expected} bytes',
    advice: 'Index and files may be of different releases, or a portal page came instead. The next update tries again.',
  },
  RLY_UPSTREAM_EQUIVOCATION: {
    fault: 'upstream',
    what: '{url} is not what it was before under the same version and size: found SHA-256 {found}, expected {expected}',
    advice:
      'What is served stays. No vendor gives one version two contents: find out who else can write at the source or on the way to it. It passes with the next version of this file.',
  },
  RLY_UPSTREAM_RANGE: {
    fault: 'upstream',
    what: '{url} sent a part nobody asked for: {found}, expected {expected}',
    advice: 'A proxy in between is likely at fault: let it pass ranges through, or take it out of the way.',
  },
} as const satisfies Record<string, CatalogueEntry>;
