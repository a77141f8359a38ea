import { X509Certificate } from 'node:crypto';
import t from 'tap';
import { alternativeNames, certificateNames } from '../../src/delivery/certificate-names.ts';
import { namedAgent, otherAgent, trickyAgent } from '../support/agent-certificates.ts';

const namesIn = ({ cert }: { cert: string }) => certificateNames(new X509Certificate(cert));

t.test('the CN of a subject, and alternative names of the plain kinds', async (t) => {
  t.strictSame(namesIn(namedAgent), ['pc-7']);
  t.strictSame(namesIn(otherAgent), ['pc-8.branch.test', 'pc-8@branch.test', 'urn:office:pc-8', '10.0.0.8']);
});

t.test('nothing within a name is taken for another', async (t) => {
  t.strictSame(namesIn(trickyAgent), ['one', 'two', 'urn:a, DNS:pc-7', 'a']);
});

t.test('alternative names that do not read to their end are none', async (t) => {
  t.strictSame(alternativeNames('DNS:a, email:b@c'), ['a', 'b@c']);
  t.strictSame(alternativeNames('othername:<unsupported>, DNS:a'), ['a']);
  t.strictSame(alternativeNames('DNS:"\\u002c", DNS:"\\x"'), [',', ''], 'in quotes stands JSON');
  for (const text of ['DNS', 'DNS:a,DNS:b', 'DNS:a, "DNS:b"', 'DNS:a, DNS:"b', 'DNS:a, DNS:"b\\"', ', DNS:a', ':a']) {
    t.strictSame(alternativeNames(text), [], text);
  }
});
