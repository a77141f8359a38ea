import type { RelaySources } from '../policy/relay-sources.ts';
import type { UpdateSource } from '../upstream/source.ts';
import type { PullItem } from './allow-list.ts';

/** Where an item may come from, in the order of policy for its kind, each by the base URL it lies below. Pure. */
export function sourcesOf(
  { kind, base }: Pick<PullItem, 'kind' | 'base'>,
  order: Omit<RelaySources, 'components'>,
): readonly UpdateSource[] {
  if (kind === 'domain-settings') return order.domainSettings;
  return base === 'components' ? order.programs : order.hotfixes;
}
