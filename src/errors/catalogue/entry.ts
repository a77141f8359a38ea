import type { Fault } from '../fault.ts';

/** One error of the catalogue. No full stop at the end of `what`; `advice` is whole sentences. */
export interface CatalogueEntry {
  readonly fault: Fault;
  readonly what: string;
  readonly advice: string;
}
