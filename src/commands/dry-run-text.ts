import { formatVersion } from '../manifest/names.ts';
import type { DryRun } from '../mirror/dry-run.ts';
import { formatBytes } from '../terminal/bytes.ts';
import type { Io } from '../terminal/io.ts';
import { table } from '../terminal/table.ts';

/** A plan for people: the components that change, then what crosses the network for them. */
export function dryRunText(plan: DryRun, io: Io): string {
  if (plan.unchanged) return `No change at ${plan.source}: an update would fetch nothing.\n`;
  const changes = table(
    plan.changes,
    [
      { title: 'COMPONENT', value: ({ id }) => id },
      { title: 'NAME', value: ({ name }) => name },
      { title: 'CHANGE', value: ({ change }) => change },
      { title: 'BEFORE', value: ({ id, before }) => before && formatVersion(id, before) },
      { title: 'AFTER', value: ({ id, after }) => after && formatVersion(id, after) },
      { title: 'BYTES', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
    ],
    io,
  );
  const signatures = plan.fetch.filter(({ kind }) => kind === 'signature').length;
  return [
    changes,
    `From ${plan.source}`,
    `  to fetch  ${plan.fetch.length - signatures} objects, ${formatBytes(plan.bytes)}; up to ${signatures} signatures besides`,
    `  on demand ${plan.onDemand} objects, fetched when an agent asks for them`,
    `  reused    ${plan.reused} objects that are here already`,
    '',
  ].join('\n');
}
