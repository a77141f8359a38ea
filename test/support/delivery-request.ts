import type { DeliveryRequest } from '../../src/delivery/delivery.ts';
import { UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';

/** A request as the gate lets it through; a connection and an address of its own unless told otherwise. */
export function deliveryRequest(path: string, more: Partial<DeliveryRequest> = {}): DeliveryRequest {
  return {
    id: 'req-1',
    method: 'GET',
    path,
    headers: {},
    address: '10.0.0.1',
    connection: {},
    ...UNKNOWN_CLIENT,
    ...more,
  };
}
