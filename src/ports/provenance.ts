/** How the index of a relay hangs together with its origin: the server behind all relays. Handed on as Age and Via. */
export interface Provenance {
  /** When it was last known to be what the origin has; ms since the epoch. */
  readonly confirmedAt: number;
  /** The names of the relays it came through, the one next to the origin first; none where it came straight from there. */
  readonly relays: readonly string[];
}
