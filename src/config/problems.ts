import { inspect } from 'node:util';
import { fill, RelayError } from '../errors/relay-error.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** `/etc/relay/relay.yaml:12`, or the name of the environment variable. */
  readonly where: string;
  /** `agents.port`; null where it is not about one key. */
  readonly key: string | null;
  readonly found: string;
  readonly expected: string;
}

/** RLY_CONFIG_INVALID with everything that is wrong, so that one round of corrections is enough. */
export class InvalidConfig extends RelayError<'RLY_CONFIG_INVALID'> {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(problemLine);
    super('RLY_CONFIG_INVALID', { problems: lines.join('\n') });
    this.problems = problems;
    // A template is one line of limited length, made for one fact; this is a list.
    this.message = ['the configuration cannot be used:', ...lines].join('\n  ');
  }

  override get line(): string {
    return `${this.code}: ${this.message}\n${this.advice}`;
  }
}

/** `relay.yaml:12: agents.port: found 70000, expected a whole number from 0 to 65535`. */
function problemLine({ where, key, found, expected }: Problem): string {
  const subject = key === null ? where : `${where}: ${key}`;
  return fill('{subject}: found {found}, expected {expected}', { subject, found, expected });
}

/** Stands for a value that no message shows, for messages are logged. */
export const HIDDEN = '***';

/** A value as a message shows it: on one line, not long, and without the credentials a URL may carry. */
export function shown(value: unknown): string {
  if (value === null) return 'no value';
  if (value === HIDDEN) return HIDDEN;
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 5, maxStringLength: 200 });
  return text.replace(/\/\/\S*@/g, '//***@');
}
