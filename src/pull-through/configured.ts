import type { Config } from '../config/schema.ts';
import type { RelaySources } from '../policy/relay-sources.ts';
import { createAllowList } from './allow-list.ts';
import type { PullContext } from './pull-context.ts';
import { createPullThrough, type RunningPullThrough } from './pull-through.ts';
import { sourcesOf } from './sources-of.ts';

/** Pull-through as the section `mirror` of a configuration has it. What is kept under another one is forgotten. */
export async function configuredPullThrough(
  { items, domains }: Config['mirror'],
  order: RelaySources,
  context: Omit<PullContext, 'sourcesOf'>,
): Promise<RunningPullThrough> {
  const pullThrough = createPullThrough({
    ...context,
    allowed: createAllowList({ programs: items.programs, domains: items.domainSettings ? domains : [] }),
    sourcesOf: (item) => sourcesOf(item, order),
  });
  await pullThrough.sweep();
  return pullThrough;
}
