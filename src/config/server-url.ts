import { baseUrlCorrection, withoutTail } from './base-url.ts';

/** A right value, in words. */
export const SERVER_URL = 'an http or https URL, as in https://osce.example.com:4343/officescan';

/** What would be right instead of this base URL of an OfficeScan server, to which `/download` is appended too. */
export function serverUrlCorrection(text: string): string | undefined {
  return baseUrlCorrection(text, SERVER_URL) ?? withoutTail(text, 'download');
}
