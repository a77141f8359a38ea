/** Counts who holds a blob open. What is held is not collected. */
export interface Holds {
  /** Holds until the answer is called; calling it again changes nothing. */
  hold(sha256: string): () => void;
  has(sha256: string): boolean;
}

export function createHolds(): Holds {
  const counts = new Map<string, number>();
  return {
    hold(sha256) {
      counts.set(sha256, (counts.get(sha256) ?? 0) + 1);
      let holding = true;
      return () => {
        if (!holding) return;
        holding = false;
        const left = (counts.get(sha256) ?? 0) - 1;
        if (left > 0) counts.set(sha256, left);
        else counts.delete(sha256);
      };
    },
    has: (sha256) => counts.has(sha256),
  };
}
