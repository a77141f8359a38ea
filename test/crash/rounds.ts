/**
 * How many times a drill of chance is to be gone through: `RELAY_DRILL_ROUNDS`, as `npm run drills` sets it, or what CI has time for.
 */
export function rounds(short: number): number {
  return Number(process.env['RELAY_DRILL_ROUNDS'] ?? short);
}

/** Whether there is time for drills that take minutes: sources that are waited for as long as in the field. */
export const LONG = process.env['RELAY_DRILL_ROUNDS'] !== undefined;
