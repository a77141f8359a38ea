import { fill, isRelayError } from '../errors/relay-error.ts';
import { EVENTS, type Events } from '../ports/events.ts';
import type { Store } from '../ports/store.ts';
import { noteLocalChange } from '../telemetry/changes.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Io } from '../terminal/io.ts';

/** Work of a command on a store that it has opened itself. */
export interface Work<T> {
  /** Of the command: `update`. */
  readonly command: string;
  /** What begins: `an update that may go back: the vendor took 19.987.00 back`. */
  readonly what: string;
  /** The same in short, for its end: `an update`. */
  readonly name: string;
  /** It is not done unless it could be noted. Otherwise somebody on this host is told, and it is. */
  readonly strict: boolean;
  /** What is known before, besides the generation. JSON without secrets. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly run: () => Promise<T>;
  /** What came of it, besides the generation. JSON without secrets. */
  readonly after: (result: T) => Readonly<Record<string, unknown>>;
}

/** What whoever waits for the work sees. */
export interface Shown {
  readonly io: Io;
  readonly progress: Progress;
  /** Ends the work, and closes the store. */
  readonly signal: AbortSignal;
}

/**
 * Does work that has two entries in the audit log: one before it begins, so that nothing is done that is not in it, and one when
 * it is over, with what came of it. What was killed or interrupted has the first alone. Throws what the work throws, and,
 * where it is strict, RLY_STORAGE_* when it could not be noted.
 */
export async function noteWork<T>(
  store: Pick<Store, 'audit' | 'generations'>,
  work: Work<T>,
  shown: Shown,
): Promise<T> {
  const { audit } = store;
  const who = `relay ${work.command} as user ${process.getuid?.() ?? 'unknown'}`;
  const events = tellingOn(shown);
  const state = (facts: Readonly<Record<string, unknown>>): unknown => {
    return { generation: store.generations.current()?.number ?? null, ...facts };
  };
  const begin = { who, what: work.what, before: state(work.before), after: null };
  if (work.strict) await audit.note(begin);
  else await noteLocalChange(audit, events, begin);

  const end = async (facts: Readonly<Record<string, unknown>>): Promise<void> => {
    if (shown.signal.aborted) return;
    const change = { who, what: `the end of ${work.name}`, before: begin.before, after: state(facts) };
    await noteLocalChange(audit, events, change);
  };
  let result: T;
  try {
    result = await work.run();
  } catch (error) {
    await end({ error: isRelayError(error) ? `${error.code}: ${error.message}` : String(error) });
    throw error;
  }
  await end(work.after(result));
  return result;
}

/** A command has no log: what could not be noted is said where its errors are. */
function tellingOn({ io, progress }: Shown): Events {
  return {
    emit(name, fields) {
      if (name !== 'audit.failed') return;
      progress.finish();
      io.stderr.write(`relay: ${fill(EVENTS[name].message, fields)}\n`);
    },
  };
}
