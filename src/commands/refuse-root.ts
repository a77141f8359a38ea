import { RelayError } from '../errors/relay-error.ts';
import type { Invocation } from './command.ts';

/** The option of commands that write into the store, and its line in the help. */
export const rootOption = { 'allow-root': { type: 'boolean' } } as const;
export const rootHelp = '--allow-root    run as root all the same (RELAY_ALLOW_ROOT=1)';

/** Throws RLY_ROOT_REFUSED for root, unless it is meant: what root writes into a store, the relay's user could not read. */
export function refuseRoot({ values, env }: Pick<Invocation, 'values' | 'env'>): void {
  const allowed = values['allow-root'] === true || env['RELAY_ALLOW_ROOT'] === '1';
  if (!allowed && process.getuid?.() === 0) throw new RelayError('RLY_ROOT_REFUSED', {});
}
