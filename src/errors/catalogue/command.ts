import type { CatalogueEntry } from './entry.ts';

export const commandErrors = {
  RLY_USAGE: {
    fault: 'client',
    what: '{problem}',
    advice: 'Run `{command} --help` to see what it takes.',
  },
  RLY_LISTEN: {
    fault: 'config',
    what: 'cannot listen on {address}: {reason}',
    advice: 'Another program may have the port: choose another one in {key}.port, or another address in {key}.host.',
  },
  RLY_ROOT_REFUSED: {
    fault: 'config',
    what: 'the relay was started as root, and needs no privilege that root has',
    advice: 'Start it as another user, or say --allow-root (RELAY_ALLOW_ROOT=1) if root is really meant.',
  },
  RLY_INTERRUPTED: {
    fault: 'client',
    what: '{signal} ended the command before it was done',
    advice: 'What had come whole is kept. Run the command again to go on.',
  },
  RLY_INTERNAL: {
    fault: 'internal',
    what: 'something the relay does not expect happened: {reason}',
    advice: 'This is a bug. Please report it with the log lines around it.',
  },
} as const satisfies Record<string, CatalogueEntry>;
