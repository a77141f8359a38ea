import { styleText } from 'node:util';
import type { Io } from './io.ts';

export type Style = Parameters<typeof styleText>[0];

/** `text` in a style, or as it is where colour is not wanted. */
export function paint(io: Pick<Io, 'colour'>, style: Style, text: string): string {
  // `io.colour` has decided already; Node would look at the real stdout, which a test does not write to.
  return io.colour ? styleText(style, text, { validateStream: false }) : text;
}
