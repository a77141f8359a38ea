import { RelayError } from '../src/errors/relay-error.ts';

/**
 * Runs `task` and turns what the system refuses into the catalogue's words, naming `path`:
 * no space or quota RLY_STORAGE_FULL, a read-only mount RLY_STORAGE_READ_ONLY, rights RLY_STORAGE_DENIED,
 * all else RLY_STORAGE_IO with the system's code. `bytes` is what was about to be written.
 * Errors that are no system errors pass as they are.
 */
export async function naming<T>(path: string, task: () => Promise<T>, bytes = 0): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw storageError(error, path, bytes);
  }
}

/** The catalogue's error for one of the system's; anything else comes back unchanged. */
export function storageError(error: unknown, path: string, bytes = 0): unknown {
  if (!isSystemError(error)) return error;
  const { code, syscall: call } = error;
  switch (code) {
    case 'ENOSPC':
      return new RelayError('RLY_STORAGE_FULL', { bytes, path, reason: fullness(call) }, { cause: error });
    case 'EDQUOT':
      return new RelayError('RLY_STORAGE_FULL', { bytes, path, reason: 'the quota is used up' }, { cause: error });
    case 'EROFS':
      return new RelayError('RLY_STORAGE_READ_ONLY', { path }, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new RelayError('RLY_STORAGE_DENIED', { path, code, uid: process.getuid?.() ?? '?' }, { cause: error });
    default:
      return new RelayError('RLY_STORAGE_IO', { path, code, call }, { cause: error });
  }
}

/** A disk with space left may have no room for one more name, and then `df` shows nothing. */
function fullness(call: string): string {
  return call === 'open' || call === 'mkdir' ? 'the disk is full, or has no inodes left (df -i)' : 'the disk is full';
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  );
}
