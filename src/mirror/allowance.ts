/** What an administrator lets pass in one update, and why. */
export interface Allowance {
  /** An index that goes back behind the current generation. */
  readonly older: boolean;
  /** An index that lists less than half of what was listed before. */
  readonly shrink: boolean;
  readonly reason: string;
}

/** Characters: a sentence or two for whoever reads the log later. */
const LONGEST_REASON = 500;

/** What may be asked for, by the API or on a command line. */
export interface AllowanceRequest {
  readonly older: boolean;
  readonly shrink: boolean;
  readonly reason: string | undefined;
}

/** The allowance that was asked for, undefined where none was; or, as text, what is wrong with the request. */
export function parseAllowance({ older, shrink, reason }: AllowanceRequest): Allowance | undefined | string {
  if (!older && !shrink) {
    return reason === undefined ? undefined : 'a reason goes with allowing an older or a smaller index';
  }
  const given = reason?.trim() ?? '';
  if (given === '' || given.length > LONGEST_REASON) {
    return `allowing an older or a smaller index takes a reason of 1 to ${LONGEST_REASON} characters`;
  }
  return { older, shrink, reason: given };
}

/** In words, for the log: `an update that may go back and shrink: the vendor took 19.987.00 back`. */
export function describeUpdate(allow: Allowance | undefined): string {
  if (!allow) return 'an update';
  const may = [...(allow.older ? ['go back'] : []), ...(allow.shrink ? ['shrink'] : [])].join(' and ');
  return `an update that may ${may}: ${allow.reason}`;
}
