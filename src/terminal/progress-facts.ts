import { formatBytes, formatRate } from './bytes.ts';
import { formatDuration } from './duration.ts';
import type { ProgressState } from './progress-state.ts';

/** The share of the work that is done, 0 to 1: of the bytes, or of the things where no bytes are known. */
export function shareDone({ done, total, bytes, totalBytes }: ProgressState): number {
  return totalBytes > 0 ? share(bytes, totalBytes) : share(done, total);
}

/** `part` of `whole`, 0 to 1; of nothing, nothing is done. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 0;
}

/** A share in whole per cent; 100 only when all is done. */
export function percent(part: number): number {
  return Math.floor(part * 100);
}

/** What there is to say of the bytes: `92.1 MiB of 158.3 MiB`, `11.2 MiB/s`, `6.0 s left`; fewer where fewer are known. */
export function transferFacts({ bytes, totalBytes }: ProgressState, bytesPerSecond: number): string[] {
  if (totalBytes === 0) return [];
  const amount = `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`;
  if (bytesPerSecond <= 0) return [amount];
  const left = ((totalBytes - bytes) * 1000) / bytesPerSecond;
  return [amount, formatRate(bytesPerSecond), ...(left > 0 ? [`${formatDuration(left)} left`] : [])];
}
