import type { Placeholders } from '../errors/catalogue.ts';

/**
 * The closed list of what the relay tells about itself: one log line an event, and metrics are counted from them.
 * The message is for people; its fields in braces are in the JSON line as they are.
 * `docs/reference/events.md` is generated from here.
 */
export const EVENTS = {
  'relay.started': { level: 'info', message: 'serving agents on {agents}, administration on {admin}' },
  'relay.stopping': { level: 'info', message: 'stopping: {reason}' },
  'relay.stopped': { level: 'info', message: 'stopped' },
  'store.recovered': {
    level: 'info',
    message:
      'store ready: {generations} generations, {blobs} blobs, {parts} unfinished downloads kept, {swept} temporaries swept',
  },
  'store.pointer-mended': { level: 'warn', message: 'the pointer to the current generation was mended: {reason}' },
  'store.generation-refused': {
    level: 'error',
    message: 'generation {number} is not whole and is not served: {reason}',
  },
  'store.generation-lacking': {
    level: 'error',
    message: 'generation {number} is served although {reason}: none is whole, and what it lacks comes anew',
  },
  'store.notes-forgotten': {
    level: 'warn',
    message: 'what was noted to outlive a restart is lost, all or some of it: {reason}',
  },
  'store.not-noted': { level: 'warn', message: '{name} could not be noted and would not survive a restart: {error}' },
  'store.unknown-file': { level: 'warn', message: '{name} in the store is not the relay’s; left alone' },
  'store.collected': { level: 'info', message: 'freed {bytes} bytes that no generation holds' },
  'store.not-collected': { level: 'error', message: 'not all that no generation holds could be freed: {error}' },
  'store.not-repaired': { level: 'error', message: 'not all of the store could be repaired: {error}' },
  'store.scrubbed': {
    level: 'info',
    message: 'walk over the store: {blobs} blobs, {bytes} bytes read in {seconds} s, {broken} broken, {unread} unread',
  },
  'blob.unread': { level: 'warn', message: 'blob {sha256} could not be checked: {error}' },
  'blob.broken': { level: 'error', message: 'blob {sha256} cannot be used: {reason}' },
  'update.started': { level: 'info', message: 'update from {source} ({trigger})' },
  'update.unchanged': { level: 'info', message: 'no change at {source}' },
  'update.planned': { level: 'info', message: '{fetch} objects to fetch ({bytes} bytes), {reused} already here' },
  'update.published': {
    level: 'info',
    message: 'generation {generation} published: {objects} objects, {bytes} bytes fetched in {seconds} s',
  },
  'update.failed': { level: 'error', message: 'update failed, generation {generation} stays: {error}' },
  'update.waiting': {
    level: 'warn',
    message: 'the index is missing at {source} (a release may be under way); next try in {seconds} s',
  },
  'generation.old': {
    level: 'warn',
    message:
      'generation {generation} was last confirmed at its origin {hours} h ago: no source can be reached that leads there, or {source} has heard nothing new itself',
  },
  'object.fetched': { level: 'debug', message: '{path}: {bytes} bytes from {source}, proven by {proof}' },
  'object.failed': { level: 'warn', message: '{path} cannot be had from {source}: {error}' },
  'object.absent': {
    level: 'warn',
    message: '{path} is named by the index but cannot be had ({reason}); agents get 404',
  },
  'flight.started': { level: 'info', message: '{path} is fetched on demand: {bytes} bytes' },
  'flight.landed': { level: 'info', message: '{path} is here: {bytes} bytes in {seconds} s, from {source}' },
  'flight.failed': { level: 'warn', message: '{path} did not come: {error}' },
  'flight.discarded': { level: 'warn', message: '{path} begins anew, {bytes} bytes of it are worthless: {reason}' },
  'source.suspect': {
    level: 'error',
    message: 'alarm: {source} offers what is refused until somebody has looked: {code}: {error}',
  },
  'source.allowed': {
    level: 'warn',
    message: '{source} gets its way this once, as an administrator said ({reason}): {code}: {error}',
  },
  'source.failed': { level: 'warn', message: '{source} failed: {error}' },
  'upstream.retry': { level: 'warn', message: '{url}: {error}; try {attempt} in {seconds} s' },
  'agent.answered': {
    level: 'info',
    message: '{address} {method} {path} {status} {bytes} of {length} bytes ({kind}, {cache}, generation {generation})',
  },
  'config.reloaded': { level: 'info', message: 'configuration read again; changed: {changed}' },
  'config.needs-restart': { level: 'warn', message: 'changed in the configuration, but only after a restart: {keys}' },
  'config.refused': { level: 'error', message: 'configuration read again and not used, the old one is: {error}' },
  'connections.ended': {
    level: 'warn',
    message: '{count} connections to the listener for {listener} were ended ({reason}), the last of {address}',
  },
  'tls.failed': {
    level: 'warn',
    message: 'on {count} connections to the listener for {listener} TLS failed, the last of {address}: {error}',
  },
  'certificate.loaded': { level: 'info', message: 'the certificate of {key} is {subject}, valid until {until}' },
  'certificate.refused': { level: 'error', message: 'the new certificate is not used, the old one is: {error}' },
  'admin.refused': { level: 'warn', message: '{address} {method} {path} was refused: {error}' },
  'admin.unauthorized': { level: 'warn', message: '{address} sent no token, or a wrong one' },
  'admin.locked-out': {
    level: 'warn',
    message: '{address} sent too many wrong tokens; for {seconds} s none of them is looked at',
  },
  'admin.changed': { level: 'info', message: '{who}: {what} (entry {entry} of the audit log, {hash})' },
  'audit.failed': { level: 'error', message: '{who}: {what}; this is in no audit log: {error}' },
  'error.internal': { level: 'error', message: 'a bug: {error}' },
} as const satisfies Record<string, { level: 'debug' | 'info' | 'warn' | 'error'; message: string }>;

export type EventName = keyof typeof EVENTS;
export type EventFields<N extends EventName> = Readonly<
  Record<Placeholders<(typeof EVENTS)[N]['message']>, string | number | null>
>;

/** Where the domain tells what happened. Injected: a process may hold several relays (tiers, tests). Never throws. */
export interface Events {
  emit<N extends EventName>(name: N, fields: EventFields<N>): void;
}

/** For callers that nobody listens to. */
export const silentEvents: Events = { emit: () => {} };
