/** A change somebody made, or asked for. `before` and `after` are JSON, null where there is nothing to say, and hold no secret. */
export interface Change {
  /** `admin token from 10.1.2.3`, `SIGHUP`, `user 10001 of this host`. */
  readonly who: string;
  /** `an update`, `agents.allow`. */
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** An entry of the audit log. */
export interface AuditEntry extends Change {
  /** Counts up from 1. */
  readonly entry: number;
  /** ISO 8601. */
  readonly at: string;
}

/** Where an entry stands in the chain. Kept elsewhere, it proves that nothing up to this entry was altered or cut off. */
export interface AuditMark {
  readonly entry: number;
  /** SHA-256, which covers all entries before too; lower-case hex. */
  readonly hash: string;
}

/** The audit log: what was changed, by whom. Only ever appended to. */
export interface Audit {
  /** Durable when it resolves. Throws RLY_STORAGE_*; then nothing was noted. */
  note(change: Change): Promise<AuditMark>;
  /** All entries that can be read, in order. Throws RLY_STORAGE_*. */
  entries(): Promise<readonly AuditEntry[]>;
}
