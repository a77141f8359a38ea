import type { Events } from './events.ts';

/** Every document there is; a name is never made from anything that came over the network. */
export const NOTE_NAMES = ['instance', 'sources', 'provenance', 'interest', 'scrub', 'high-water'] as const;
export type NoteName = (typeof NOTE_NAMES)[number];

/**
 * Small documents that outlive the process, each under its name: what the relay would rather not forget and can do
 * without. One that was torn or altered is forgotten at the start.
 */
export interface Notes {
  /** As it was last written, in this process or an earlier one; undefined where there is none. Of the shape that was written, or an older one: whoever reads it checks. */
  read(name: NoteName): unknown;
  /**
   * Durable when it resolves. `value` is anything JSON can say; of several values for one name the last counts. What the
   * disk refuses is thrown (RLY_STORAGE_*), and read all the same as long as this process lives.
   */
  write(name: NoteName, value: unknown): Promise<void>;
}

/** One of them as its owner has it. */
export interface Note {
  /** What is known from before; of any shape. */
  readonly known: unknown;
  /** Has it kept. Nobody waits for that, and it never fails: what the disk refuses is told. */
  keep(value: unknown): void;
}

/** For an owner whose memory ends with the process. */
export const forgetful: Note = { known: undefined, keep: () => {} };

/** The note under `name`; what cannot be written is told to `events`. */
export function noteIn(notes: Notes, name: NoteName, events: Events): Note {
  return {
    known: notes.read(name),
    keep(value) {
      notes.write(name, value).catch((error: unknown) => {
        events.emit('store.not-noted', { name, error: String(error) });
      });
    },
  };
}
