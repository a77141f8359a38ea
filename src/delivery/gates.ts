import type { Config } from '../config/schema.ts';
import { createGate, type Gate } from './gate.ts';

/** What agents' requests are let in by. */
export function agentsGate({
  allow,
  trustedProxies,
}: Pick<Config['agents'], 'allow' | 'trustedProxies'>): Gate<'GET' | 'HEAD'> {
  return createGate({ allow, proxies: trustedProxies, methods: ['GET', 'HEAD'], bodies: [], hosts: null });
}

/** All addresses there are: who may reach the admin listener, its host decides. */
const EVERYBODY = ['0.0.0.0/0', '::/0'];

/** What requests for administration are let in by. */
export function adminGate({ host, hosts }: Pick<Config['admin'], 'host' | 'hosts'>): Gate<'GET' | 'POST'> {
  return createGate({
    allow: EVERYBODY,
    proxies: [],
    methods: ['GET', 'POST'],
    bodies: ['POST'],
    hosts: [host, ...hosts],
  });
}
