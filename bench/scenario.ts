import type { ScenarioResult } from './result.ts';
import type { Shape } from './shaped-loopback.ts';

/** What a scenario is given. */
export interface Bench {
  /** A form of some seconds that shows that everything runs, and measures nothing. */
  readonly short: boolean;
  /** A temporary folder of its own. */
  readonly folder: string;
  /** Tells a person how far it is. */
  readonly say: (line: string) => void;
  /** Runs when the scenario is over, however it ends; the last one first. */
  readonly after: (end: () => Promise<unknown>) => void;
}

/** One kind of measurement. It throws when the relay answers a wrong byte, or none. */
export interface Scenario {
  readonly name: string;
  /** A program it cannot do without, and Debian's package with it. */
  readonly needs?: { readonly program: string; readonly package: string };
  /** The line it wants between its origin and everybody else, made by the kernel where that can be had. */
  readonly shape?: Shape;
  readonly run: (bench: Bench) => Promise<ScenarioResult>;
}
