import { loadConfig } from '../config/load.ts';
import { parseAllowance, type Allowance } from '../mirror/allowance.ts';
import { createProgress } from '../terminal/progress.ts';
import { createAdminClient } from './admin-client.ts';
import {
  configHelp,
  configOption,
  jsonHelp,
  jsonOption,
  text,
  usage,
  type Command,
  type Invocation,
} from './command.ts';
import { dryRunText } from './dry-run-text.ts';
import { EXIT } from './exit-code.ts';
import { followUpdate } from './follow-update.ts';
import { hereOrThere } from './here-or-there.ts';
import { outcomeText } from './outcome-text.ts';
import { refuseRoot, rootHelp, rootOption } from './refuse-root.ts';
import { statusText } from './status.ts';
import { planHere, updateHere } from './update-here.ts';

export const update: Command = {
  name: 'update',
  summary: 'one update now; --dry-run shows what it would fetch',
  help: `[--config FILE] [--dry-run] [--allow-older] [--allow-shrink] [--reason TEXT] [--allow-root] [--json]

Brings the store up to date with the update source, with progress, and says what came of it.
Where a relay is running on this store, it is asked to do so, and its status is shown then (that needs admin.tokenFile).

  ${configHelp}
  --dry-run       only plan: which components change, from where, how many bytes
  --allow-older   take an index that goes back behind what is served: the vendor has taken a release back
  --allow-shrink  take an index that lists less than half of what it listed before
  --reason TEXT   why either is right; it goes into the log
  ${rootHelp}
  ${jsonHelp}

  relay update --dry-run
  relay update --allow-older --reason 'vendor notice 1234: 19.987.00 is withdrawn'
`,
  options: {
    ...configOption,
    ...jsonOption,
    'dry-run': { type: 'boolean' },
    'allow-older': { type: 'boolean' },
    'allow-shrink': { type: 'boolean' },
    reason: { type: 'string' },
    ...rootOption,
  },

  async run({ values, io, env, cwd, signal }) {
    const allow = allowanceOf(values);
    const { config } = await loadConfig({ file: text(values['config']), env, cwd });
    const client = createAdminClient(config.admin, signal);
    const present = <T>(value: T, asText: (value: T) => string): void => {
      io.stdout.write(values['json'] ? `${JSON.stringify(value, null, 2)}\n` : asText(value));
    };

    if (values['dry-run']) {
      const plan = await hereOrThere(
        client,
        () => {
          refuseRoot({ values, env });
          return planHere(config, allow, signal);
        },
        () => client.dryRun(allow),
      );
      present(plan, () => dryRunText(plan, io));
      return EXIT.done;
    }

    using progress = createProgress(io);
    await hereOrThere(
      client,
      async () => {
        refuseRoot({ values, env });
        const { outcome, took } = await updateHere(config, allow, { io, progress, signal });
        progress.finish();
        present(outcome, () => outcomeText(outcome, took));
      },
      async () => {
        const status = await followUpdate(client, allow, progress, signal);
        progress.finish();
        present(status, () => statusText(status, io, Date.now()));
      },
    );
    return EXIT.done;
  },
};

function allowanceOf(values: Invocation['values']): Allowance | undefined {
  const [older, shrink] = [values['allow-older'] === true, values['allow-shrink'] === true];
  const allow = parseAllowance({ older, shrink, reason: text(values['reason']) });
  if (typeof allow === 'string') throw usage('update', allow);
  return allow;
}
