import environment from '../../scripts/node-environment.json' with { type: 'json' };
import flags from '../../scripts/node-flags.json' with { type: 'json' };

/** The command line of Node as the image starts it, up to the program it is to run. */
export const NODE = [
  'env',
  ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
  process.execPath,
  ...flags,
] as const satisfies readonly [string, ...string[]];
