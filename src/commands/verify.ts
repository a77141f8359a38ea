import { inspectStore, type Inspection } from '../../storage/inspect-store.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { createProgress, type Progress } from '../terminal/progress.ts';
import { createAdminClient } from './admin-client.ts';
import { configHelp, configOption, jsonHelp, jsonOption, text, type Command, type Invocation } from './command.ts';
import { EXIT } from './exit-code.ts';
import { hereOrThere } from './here-or-there.ts';
import type { Shown } from './note-work.ts';
import { repairAndReport, type Look } from './repair-and-report.ts';
import { refuseRoot, rootOption } from './refuse-root.ts';
import { repairHere } from './repair-here.ts';
import { repairThere } from './repair-there.ts';
import { readingProgress } from './verify-progress.ts';
import { isMendable, repairReportOf, reportOf, verifyText, type VerifyReport } from './verify-report.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'check every generation and blob on disk; --repair fetches again what is damaged',
  help: `[--config FILE] [--repair] [--allow-root] [--json]

Reads the whole store and says what is not as it should be: pointer, generations, every blob by its hash, the chain of
the audit log.
It changes nothing, takes no lock, and may run beside a relay. Exit code 1 if anything is wrong and was not repaired.

  ${configHelp}
  --repair        delete what is damaged, fetch it again, sweep what nothing needs, then check once more.
                  A relay that runs on this store is asked to do it (that needs admin.tokenFile).
                  Files that are not the relay's stay
  --allow-root    repair as root all the same (RELAY_ALLOW_ROOT=1)
  ${jsonHelp}

  relay verify --repair
`,
  options: { ...configOption, ...jsonOption, repair: { type: 'boolean' }, ...rootOption },

  async run({ values, io, env, cwd, signal }) {
    const { config } = await loadConfig({ file: text(values['config']), env, cwd });
    using progress = createProgress(io);
    const before = await inspect(config, progress, signal);
    const report =
      values['repair'] && before.findings.some(isMendable)
        ? await repaired(config, before, { io, progress, signal }, { values, env })
        : reportOf(config.storage.path, before);
    progress.finish();
    io.stdout.write(values['json'] ? `${JSON.stringify(report, null, 2)}\n` : verifyText(report, io));
    return report.wrong > 0 ? EXIT.failed : EXIT.done;
  },
};

function inspect({ storage }: Config, progress: Progress, signal: AbortSignal): Promise<Inspection> {
  const onProgress = (state: Parameters<typeof readingProgress>[0]): void => progress.update(readingProgress(state));
  return inspectStore({ path: storage.path, signal, onProgress });
}

async function repaired(
  config: Config,
  before: Inspection,
  shown: Shown,
  asked: Pick<Invocation, 'values' | 'env'>,
): Promise<VerifyReport> {
  const { progress, signal } = shown;
  const client = createAdminClient(config.admin, signal);
  const look: Look = async (failed) =>
    repairReportOf(config.storage.path, before, await inspect(config, progress, signal), failed);
  return hereOrThere(
    client,
    () => {
      refuseRoot(asked);
      return repairHere(config, before.findings, shown, look);
    },
    () => repairAndReport(() => repairThere(client, progress, signal), look),
  );
}
