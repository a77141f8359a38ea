import type { AuditEntry } from '../../src/ports/audit.ts';

/** The entries in the text of an audit log. */
export function entriesOf(text: string): AuditEntry[] {
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line.slice(65)) as AuditEntry);
}
