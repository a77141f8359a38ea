import { CATALOGUE, type ErrorCode, type ErrorFields } from './catalogue.ts';
import type { Fault } from './fault.ts';

/**
 * The one error of the house. `message` says what happened and why, `advice` what to do;
 * `fields` hold the same facts for machines (log lines, `--json`, the API).
 */
export class RelayError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'RelayError';
  readonly code: C;
  readonly fault: Fault;
  readonly fields: ErrorFields<C>;
  readonly advice: string;

  constructor(code: C, fields: ErrorFields<C>, options?: { cause?: unknown }) {
    const entry = CATALOGUE[code];
    super(fill(entry.what, fields), options);
    this.code = code;
    this.fault = entry.fault;
    this.fields = fields;
    this.advice = fill(entry.advice, fields);
  }

  /** One line for people: `CODE: what, why, what to do`. */
  get line(): string {
    return `${this.code}: ${this.message}. ${this.advice}`;
  }
}

/** Whether `error` is a catalogue error, and of the given code where one is named. */
export function isRelayError<C extends ErrorCode>(error: unknown, code?: C): error is RelayError<C> {
  return error instanceof RelayError && (code === undefined || error.code === code);
}

/** `{name}` in a template becomes the field's value; upstream text is cut and stripped of control characters first. */
export function fill(template: string, fields: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => printable(String(fields[name])));
}

// Fields may carry text from the network: no terminal escapes, no forged log lines, no novels.
const LONGEST_FIELD = 500;
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '·');
  return clean.length > LONGEST_FIELD ? `${clean.slice(0, LONGEST_FIELD)}…` : clean;
}
