import type { Finding } from '../../storage/findings.ts';
import type { Config } from '../config/schema.ts';
import { REPAIR, repairStore } from '../mirror/repair.ts';
import { silentEvents } from '../ports/events.ts';
import { noteWork, type Shown } from './note-work.ts';
import { repairAndReport, type Look } from './repair-and-report.ts';
import { withMirror } from './update-here.ts';
import { isMendable, type VerifyReport } from './verify-report.ts';

/** How many findings an entry of the audit log names. */
const NAMED = 100;

/**
 * Repairs the store by this process, notes that, and looks what came of it: opening the store mends what a start mends, then the
 * damaged blobs among `findings` are fetched again. Throws RLY_STORAGE_LOCKED where another process has the store,
 * RLY_STORAGE_OWNER, what an update throws unless a source is at fault, and something that is no catalogue error when the
 * signal ends it.
 */
export async function repairHere(
  config: Config,
  findings: readonly Finding[],
  shown: Shown,
  look: Look,
): Promise<VerifyReport> {
  const { progress, signal } = shown;
  const damaged = findings.flatMap(({ weight, blob }) => (weight === 'wrong' && blob !== null ? [blob] : []));
  return withMirror(config, signal, progress, (assembly) => {
    const { store } = assembly;
    const examine = async (): Promise<void> => {
      for (const blob of damaged) await store.check(blob);
    };
    const parts = { ...assembly, events: silentEvents, pinned: () => new Set<number>(), examine };
    const found = findings.filter(isMendable).map(({ file, problem }) => `${file} ${problem}`);
    const work = {
      command: 'verify',
      what: REPAIR,
      name: REPAIR,
      // It may be what makes room on a full disk.
      strict: false,
      before: { found: named(found) },
      run: () => repairAndReport(() => repairStore(parts, signal), look),
      after: ({ findings: reported, wrong, repairFailed }: VerifyReport) => {
        const done = reported.flatMap((finding) => (finding.done === null ? [] : [`${finding.file} ${finding.done}`]));
        return { done: named(done), wrong, error: repairFailed };
      },
    };
    return noteWork(store, work, shown);
  });
}

function named(lines: readonly string[]): readonly string[] {
  return lines.length <= NAMED ? lines : [...lines.slice(0, NAMED), `and ${lines.length - NAMED} more`];
}
