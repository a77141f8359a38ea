import { adminErrors } from './catalogue/admin.ts';
import { agentErrors } from './catalogue/agent.ts';
import { archiveErrors } from './catalogue/archive.ts';
import { commandErrors } from './catalogue/command.ts';
import { configErrors } from './catalogue/config.ts';
import { deliveryErrors } from './catalogue/delivery.ts';
import { flightErrors } from './catalogue/flight.ts';
import { manifestErrors } from './catalogue/manifest.ts';
import { mirrorErrors } from './catalogue/mirror.ts';
import { pullThroughErrors } from './catalogue/pull-through.ts';
import { storageErrors } from './catalogue/storage.ts';
import { upstreamErrors } from './catalogue/upstream.ts';

/**
 * Every error the relay can show, by code. `what` tells what happened and why, `advice` what to do;
 * both name their fields in braces, and the compiler asks for exactly those fields where the error is made.
 * `docs/reference/errors.md` is generated from here.
 */
export const CATALOGUE = {
  ...configErrors,
  ...manifestErrors,
  ...archiveErrors,
  ...upstreamErrors,
  ...storageErrors,
  ...mirrorErrors,
  ...flightErrors,
  ...deliveryErrors,
  ...pullThroughErrors,
  ...adminErrors,
  ...agentErrors,
  ...commandErrors,
};

export type ErrorCode = keyof typeof CATALOGUE;

/** The names in braces of a template: `Placeholders<'{url} said {found}'>` is `'url' | 'found'`. */
export type Placeholders<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The fields an error of this code carries: one for each name in its two templates. */
export type ErrorFields<C extends ErrorCode> = Readonly<
  Record<Placeholders<(typeof CATALOGUE)[C]['what']> | Placeholders<(typeof CATALOGUE)[C]['advice']>, string | number>
>;
