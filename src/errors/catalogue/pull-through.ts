import type { CatalogueEntry } from './entry.ts';

export const pullThroughErrors = {
  RLY_PULL_ABSENT: {
    fault: 'client',
    what: 'no update source has {path}',
    advice:
      'Nothing to do if agents get what they need. `relay explain --kind programs` shows which sources were asked; after a minute they are asked again.',
  },
  RLY_PULL_FAILED: {
    fault: 'upstream',
    what: '{path} cannot be had now, and this relay has no copy it may serve: {reason}',
    advice: 'Try again after the time in Retry-After; the relay’s log says what is wrong at each source.',
  },
  RLY_PULL_BUSY: {
    fault: 'upstream',
    what: '{path} is not asked for now: {limit} other files are being fetched',
    advice: 'Try again after the time in Retry-After. If it stays so, look in the log for who asks for so many.',
  },
  RLY_PULL_OVER_PLAIN_HTTP: {
    fault: 'client',
    what: 'domain settings are not handed out over plain HTTP, for they may hold passwords',
    advice: 'Let agents ask over TLS (agents.tls), or allow it all the same with agents.allowPlain: true.',
  },
  RLY_PULL_NOT_YOURS: {
    fault: 'client',
    what: 'the settings of this domain are not for {address}, or there is no such domain; which of them is not told',
    advice:
      'If this agent is to have them, see that mirror.domains has its domain, and that what mirror.domainAgents says of it fits the agent’s address and certificate.',
  },
} as const satisfies Record<string, CatalogueEntry>;
