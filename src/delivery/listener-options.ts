/** Bytes of a request's line and fields. */
export const LONGEST_HEADER = 8 * 1024;

/**
 * Fastify's options for a listener (SECURITY.md, "Defaults"): what Fastify and Node leave open for ever ends here.
 * Closing waits for answers under way; whoever closes ends what takes too long with `server.closeAllConnections()`.
 */
export const LISTENER_OPTIONS = {
  /** Milliseconds for a whole request to arrive. */
  requestTimeout: 30_000,
  /** Milliseconds a connection may stay open between two requests. */
  keepAliveTimeout: 15_000,
  /** Milliseconds a connection may stand still, also in the middle of an answer. */
  connectionTimeout: 60_000,
  /** Bytes. What the admin API takes is a line of JSON; agents send no body at all. */
  bodyLimit: 16 * 1024,
  http: {
    headersTimeout: 10_000,
    connectionsCheckingInterval: 5_000,
    maxHeaderSize: LONGEST_HEADER,
    // HTTP/1.0 may have no Host (docs/protocol.md §5); the gate sees that 1.1 has one, and says so in our words.
    requireHostHeader: false,
  },
  exposeHeadRoutes: false,
  /** What still comes in over an open connection while the listener closes is answered; then the connection ends. */
  return503OnClosing: false,
  logger: false,
} as const;

/** And for the agents' listener, where the gate judges requests instead of Node and the router. */
export const AGENTS_LISTENER_OPTIONS = {
  ...LISTENER_OPTIONS,
  /** A body is refused by its fields; nobody waits for one. */
  http: { ...LISTENER_OPTIONS.http, optimizeEmptyRequests: true },
  /** The router gets nothing to decode or to stumble over: what comes to it is refused, whatever it asks for. */
  rewriteUrl: () => '/',
} as const;
