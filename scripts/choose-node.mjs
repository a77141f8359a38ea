// Plain JavaScript for whatever Node the machine has (>= 20).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const NEEDED_MAJOR = 26;

/**
 * The Node to run on: the running one if it is new enough, else the packaged one that the lockfile pins. Answers
 * `{ node }`, or `{ what, advice }` where neither will do.
 *
 * @param {{ version: string, execPath: string, packaged: string }} machine version as in `process.versions.node`
 * @returns {{ node: string } | { what: string, advice: string }}
 */
export function chooseNode({ version, execPath, packaged }) {
  if (Number.parseInt(version, 10) >= NEEDED_MAJOR) return { node: execPath };
  if (!existsSync(packaged)) {
    return {
      what: `Node ${NEEDED_MAJOR} is needed, this is ${version}, and there is no packaged one for ${process.platform}-${process.arch}`,
      advice: `Install Node ${NEEDED_MAJOR} from https://nodejs.org and run the command again.`,
    };
  }
  const probe = spawnSync(packaged, ['--version'], { encoding: 'utf8' });
  if (probe.status === 0) return { node: packaged };
  if (/libatomic/.test(probe.stderr ?? '')) {
    return {
      what: `Node ${NEEDED_MAJOR} needs the system library libatomic.so.1, which this machine lacks`,
      advice:
        'Install it and run the command again: apt-get install libatomic1 (Debian, Ubuntu), dnf install libatomic (Fedora, RHEL), apk add libatomic (Alpine).',
    };
  }
  const reason = probe.error?.message ?? (probe.stderr.trim() || `exit code ${probe.status}`);
  return {
    what: `this is Node ${version}, and the packaged Node ${NEEDED_MAJOR} does not start: ${reason}`,
    advice: `Install Node ${NEEDED_MAJOR} from https://nodejs.org and run the command again.`,
  };
}
