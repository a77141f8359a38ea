import { RelayError } from '../../src/errors/relay-error.ts';
import type { OnDemand } from '../../src/ports/on-demand.ts';

/** For deliveries whose generations are all on disk: nothing comes from anywhere. */
export const noOnDemand: OnDemand = {
  fillOf: () => undefined,
  whyNot: ({ object: { path } }) => new RelayError('RLY_OBJECT_NOT_YET', { path, reason: 'this test has no sources' }),
  async join(wanted) {
    throw this.whyNot(wanted);
  },
  contentOf: () => undefined,
  wasCut: () => false,
};
