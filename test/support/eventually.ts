import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds between two looks. */
const LOOK = 5;

/**
 * Asks until there is an answer that is neither undefined nor false, and answers it; what a look throws is thrown.
 * For what tells nobody when it happens: files, other programs. `within` in ms; after that it rejects, naming `what`.
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  within = 60_000,
): Promise<T> {
  const deadline = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`not within ${within} ms: ${what}`);
    await pause(LOOK);
  }
}
