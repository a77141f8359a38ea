import { RelayError } from '../errors/relay-error.ts';
import type { Clock } from '../ports/clock.ts';

/** Milliseconds an agent waits for the first byte. It gives up by itself after 120 s (docs/protocol.md §5), and has other sources. */
const PATIENCE = 20_000;

/** What `wait` comes to, or RLY_OBJECT_NOT_YET when that takes longer than an agent should be kept waiting. */
export async function withinPatience<T>(path: string, wait: Promise<T>, clock: Clock): Promise<T> {
  const over = new AbortController();
  const late = async (): Promise<never> => {
    await clock.sleep(PATIENCE, over.signal);
    throw new RelayError('RLY_OBJECT_NOT_YET', { path, reason: `nothing of it came in ${PATIENCE / 1000} s` });
  };
  try {
    return await Promise.race([wait, late()]);
  } finally {
    over.abort();
  }
}
