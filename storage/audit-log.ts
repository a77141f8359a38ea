import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { RelayError } from '../src/errors/relay-error.ts';
import type { Audit } from '../src/ports/audit.ts';
import type { Clock } from '../src/ports/clock.ts';
import { type AuditText, decodeAudit, decodeEntries, encodeEntry } from './audit-file.ts';
import type { Checked } from './checked-json.ts';
import { syncFolder } from './durable-write.ts';
import { FILE_MODE, type Layout } from './layout.ts';
import { IS_GONE, readPlainFile } from './plain-file.ts';
import { serial } from './serial.ts';
import { naming } from './system-error.ts';

/**
 * The audit log of a store that this process holds. An entry whose append was killed was never acknowledged; it is cut off
 * before the next. A log that is no regular file is RLY_STORAGE_FORMAT at the first note, and keeps nobody from serving.
 */
export function createAudit(layout: Layout, clock: Pick<Clock, 'now'>): Audit {
  const inTurn = serial();
  let end: Pick<AuditText, 'last' | 'whole'> | undefined;
  return {
    note: (change) =>
      inTurn(async () => {
        const { last, whole } = (end ??= await endOf(layout));
        const entry = { entry: (last?.entry ?? 0) + 1, at: new Date(clock.now()).toISOString(), ...change };
        const { line, mark } = encodeEntry(entry, last?.hash ?? null);
        const bytes = Buffer.from(line);
        await naming(layout.audit, () => append(layout, bytes, whole), bytes.length);
        end = { last: mark, whole: whole + bytes.length };
        return mark;
      }),
    entries: () => inTurn(async () => decodeEntries(required(layout, await bytesOf(layout)))),
  };
}

/**
 * Reads the audit log and checks its chain, also while a relay appends to it. That entries were cut off at its end, or all
 * of it is gone, only a mark tells that was kept elsewhere: each is in the relay's own log, under admin.changed.
 * Throws the errors of `naming`.
 */
export async function verifyAudit(layout: Layout): Promise<Checked<AuditText>> {
  const found = await bytesOf(layout);
  return 'value' in found ? { value: decodeAudit(found.value) } : found;
}

async function bytesOf(layout: Layout): Promise<Checked<Buffer>> {
  const found = await readPlainFile(layout.audit);
  if ('bytes' in found) return { value: found.bytes };
  return found.reason === IS_GONE ? { value: Buffer.alloc(0) } : found;
}

async function endOf(layout: Layout): Promise<AuditText> {
  return required(layout, await verifyAudit(layout));
}

function required<T>(layout: Layout, log: Checked<T>): T {
  if ('value' in log) return log.value;
  throw new RelayError('RLY_STORAGE_FORMAT', { path: layout.root, reason: `its audit log ${log.reason}` });
}

/** O_APPEND, so that the file may have the attribute `a` (chattr(1)). Bytes of an append that failed are cut off first. */
async function append(layout: Layout, bytes: Buffer, size: number): Promise<void> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  {
    await using file = await open(layout.audit, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, FILE_MODE);
    if ((await file.stat()).size > size) await file.truncate(size);
    await file.appendFile(bytes);
    await file.sync();
  }
  if (size === 0) await syncFolder(layout.root);
}
