import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { agentsGate } from '../../src/delivery/gates.ts';
import { UNKNOWN_CLIENT } from '../../src/delivery/identity.ts';
import { isRelayError } from '../../src/errors/relay-error.ts';

const gate = agentsGate({ allow: ['127.0.0.1'], trustedProxies: [] });

function pathOf(url: string): string | undefined {
  const head = { httpVersion: '1.1', method: 'GET', rawHeaders: ['Host', 'relay'], remoteAddress: '127.0.0.1' };
  const verdict = gate({ ...head, url, identity: UNKNOWN_CLIENT });
  return isRelayError(verdict) ? undefined : verdict.path;
}

// Close to what targets are made of: letters, dots, slashes, escapes, and what must not be in them.
const target = fc
  .array(
    fc.constantFrom('a', 'B', '7', '.', '..', '/', '//', '-', '_', '~', '%41', '%2e', '%2F', '%zz', '\\', '#', ' '),
  )
  .map((parts) => `/${parts.join('')}`);

t.test('a query changes nothing about a target: the short way and the long one through the gate agree', async () => {
  // A target with a query never takes the short way.
  fc.assert(fc.property(target, (url) => pathOf(url) === pathOf(`${url}?`)));
});
