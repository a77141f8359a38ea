import type { DeliveryOptions } from '../../src/delivery/delivery.ts';

/** For deliveries of which nothing is asked but what an index lists. */
export const noPullThrough: Pick<DeliveryOptions, 'pullThrough' | 'domainGuard'> = {
  pullThrough: { find: () => undefined },
  domainGuard: () => undefined,
};
