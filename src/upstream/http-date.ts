const STARTS_WITH_A_DAY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * An HTTP date in any of its three formats (RFC 9110 §5.6.7) as ms since the epoch; null when it is none.
 * A lone number is none, though `Date.parse` would take it for a year.
 */
export function parseHttpDate(text: string): number | null {
  if (!STARTS_WITH_A_DAY.test(text)) return null;
  // The asctime format names no zone and means GMT; `Date.parse` would take the local one.
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? null : time;
}
