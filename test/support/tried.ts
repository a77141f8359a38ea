import type { Test } from 'tap';

/** Notes how many inputs a test tried, for the table in docs/reference/security-tests.md (`npm run security`). */
export function tried(t: Pick<Test, 'comment'>, inputs: number): void {
  t.comment(`tried ${inputs} inputs`);
}
