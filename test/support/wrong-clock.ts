import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { findTool } from './tool.ts';

/** A clock that runs as it should and shows another time. */
export interface WrongClock {
  /** Environment of a process that is to go by it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Puts it ahead, or back where negative; for processes that run, at once. */
  ahead(days: number): void;
}

/** Why there is none here, or false: it takes faketime(1). */
export function wrongClockRefused(): string | false {
  return findTool('faketime') ? false : 'not installed here: faketime';
}

/** `file` holds how far it is off. */
export function wrongClock(file: string): WrongClock {
  // The library, with its path, is the program's own secret; what it preloads is ours to ask for.
  const { stdout } = spawnSync('faketime', ['-m', '-f', '+0d', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' });
  const ahead = (days: number): void => writeFileSync(file, `${days < 0 ? '' : '+'}${days}d\n`);
  ahead(0);
  return {
    settings: {
      LD_PRELOAD: stdout.trim(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // Of the wall alone: no clock of a kernel runs backwards.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    ahead,
  };
}
