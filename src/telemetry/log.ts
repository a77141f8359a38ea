import type { Writable } from 'node:stream';
import { pino, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { fill } from '../errors/relay-error.ts';
import { EVENTS } from '../ports/events.ts';
import type { EventListener } from './events.ts';

export interface LogOptions {
  /** `log.level`: the least that is written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly stream: Writable;
  /** People read terminals; everything else gets one JSON object a line. */
  readonly isTerminal: boolean;
  readonly colour: boolean;
}

/** The log. */
export interface Log {
  readonly listener: EventListener;
  setLevel(level: LogOptions['level']): void;
}

/**
 * Writes each event as one line: `event` is its name from the closed list, `msg` the sentence, its fields as they are.
 * Answers 200 to agents' requests are the bulk of a branch's day, so the line names what an on-call engineer greps for.
 */
export function createLog(options: LogOptions): Log {
  const logger = createLogger(options);
  return {
    listener(name, fields) {
      const { level, message } = EVENTS[name];
      if (!logger.isLevelEnabled(level)) return;
      const line: Record<string, unknown> = { event: name, ...fields };
      logger[level](line, fill(message, fields));
    },
    setLevel(level) {
      logger.level = level;
    },
  };
}

function createLogger({ level, stream, isTerminal, colour }: LogOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!isTerminal) return pino(options, { write: (line) => void stream.write(escapeC1(line)) });
  // The sentence carries the fields already; a terminal line shows each fact once.
  return pino(
    options,
    PinoPretty({
      colorize: colour,
      destination: stream,
      translateTime: 'SYS:HH:MM:ss',
      include: 'time,level',
      sync: true,
    }),
  );
}

// oxlint-disable-next-line no-control-regex
const C1 = /[\u007f-\u009f]/g;

/** JSON escapes only some control characters; the terminal that shows a log takes U+009B for a command (ECMA-48 §5.4). */
function escapeC1(line: string): string {
  return line.replace(C1, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
