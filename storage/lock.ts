import { accessSync, chmodSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { RelayError } from '../src/errors/relay-error.ts';
import { FILE_MODE, type Layout } from './layout.ts';
import { storageError } from './system-error.ts';

export interface StoreLock {
  readonly release: () => void;
}

/**
 * Takes the store for this process. Throws RLY_STORAGE_LOCKED, naming the process that has it.
 *
 * The lock is the kernel's (fcntl), reached through SQLite, Node's only door to it; the file stays empty. A file with a
 * process id in it would have to be judged stale by guessing: two containers on one volume do not see each other's
 * processes, both may be number 1, and a wrong guess is two writers. The kernel drops its lock with the process,
 * however that dies, and gives it to exactly one of those that try.
 *
 * Nothing else in the process may open the file: closing any descriptor of it drops the lock (fcntl_locking(2)).
 */
export function acquireLock(layout: Layout, now: Date): StoreLock {
  requireWritable(layout.root);
  const database = new DatabaseSync(layout.lock, { open: false });
  const release = (): void => {
    if (database.isOpen) database.close();
  };
  try {
    database.open();
    // IMMEDIATE, not EXCLUSIVE, under which two that race may both be turned away. The journal stays in memory:
    // nothing is ever written, so nothing can be torn.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    chmodSync(layout.lock, FILE_MODE);
  } catch (error) {
    release();
    throw isBusy(error) ? lockedBy(layout, error) : lockFailure(layout, error);
  }
  writeOwner(layout, now);
  return { release };
}

/** Asked here, because SQLite would open a file on a read-only file system without a word. */
function requireWritable(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw storageError(error, path);
  }
}

/** SQLITE_BUSY (https://sqlite.org/rescode.html#busy). */
const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === 5;

const lockFailure = (layout: Layout, cause: unknown): RelayError =>
  new RelayError(
    'RLY_STORAGE_IO',
    { path: layout.lock, call: 'lock', code: cause instanceof Error ? cause.message : String(cause) },
    { cause },
  );

interface Owner {
  readonly pid: number | string;
  readonly host: string;
  readonly since: string;
}

const UNKNOWN: Owner = { pid: '?', host: 'an unknown host', since: 'an unknown time' };

function lockedBy(layout: Layout, cause: unknown): RelayError {
  const { pid, host, since } = readOwner(layout);
  return new RelayError('RLY_STORAGE_LOCKED', { path: layout.root, pid, host, since }, { cause });
}

/** A courtesy to whoever finds the store locked; that it cannot be written (a full disk) keeps nobody from serving. */
function writeOwner(layout: Layout, now: Date): void {
  const owner: Owner = { pid: process.pid, host: hostname(), since: now.toISOString() };
  try {
    writeFileSync(layout.owner, JSON.stringify(owner), { mode: FILE_MODE });
  } catch {
    // See above.
  }
}

function readOwner(layout: Layout): Owner {
  try {
    return { ...UNKNOWN, ...(JSON.parse(readFileSync(layout.owner, 'utf8')) as Partial<Owner>) };
  } catch {
    return UNKNOWN;
  }
}
