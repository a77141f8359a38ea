/** Body bytes that one kind of item has cost from one source. */
export interface ReceivedBytes {
  /** Base URL. */
  readonly source: string;
  readonly kind: string;
  readonly bytes: number;
}

/** What came over the network since the start: body bytes, also of tries that failed and of answers nobody wanted. */
export interface ReceivedLedger {
  /** From one source, or from all. */
  total(source?: string): number;
  rows(): readonly ReceivedBytes[];
}

export interface ByteLedger extends ReceivedLedger {
  add(source: string, kind: string, bytes: number): void;
}

export function createByteLedger(): ByteLedger {
  const bySource = new Map<string, Map<string, number>>();
  const rows = (): ReceivedBytes[] =>
    [...bySource].flatMap(([source, kinds]) => [...kinds].map(([kind, bytes]) => ({ source, kind, bytes })));
  return {
    rows,
    total: (source) =>
      rows().reduce((sum, row) => sum + (source === undefined || row.source === source ? row.bytes : 0), 0),
    add(source, kind, bytes) {
      let kinds = bySource.get(source);
      if (!kinds) bySource.set(source, (kinds = new Map()));
      kinds.set(kind, (kinds.get(kind) ?? 0) + bytes);
    },
  };
}
