import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { fill, isRelayError, RelayError } from '../../src/errors/relay-error.ts';

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

t.test('an error carries its code, whose fault it is, its fields, and both sentences', async (t) => {
  const cause = new Error('EADDRINUSE');
  const fields = { address: '0.0.0.0:8080', reason: 'in use', key: 'agents' };
  const error = new RelayError('RLY_LISTEN', fields, { cause });
  t.equal(error.name, 'RelayError');
  t.equal(error.code, 'RLY_LISTEN');
  t.equal(error.fault, 'config');
  t.equal(error.fields, fields);
  t.equal(error.cause, cause);
  t.equal(error.message, 'cannot listen on 0.0.0.0:8080: in use');
  t.match(error.advice, /^Another program .* agents\.host\.$/);
  t.equal(error.line, `RLY_LISTEN: ${error.message}. ${error.advice}`);
  t.ok(error.stack);
});

t.test('isRelayError tells them from others, and by code', async (t) => {
  const error: unknown = new RelayError('RLY_ROOT_REFUSED', {});
  t.ok(isRelayError(error));
  t.ok(isRelayError(error, 'RLY_ROOT_REFUSED'));
  t.notOk(isRelayError(error, 'RLY_LISTEN'));
  t.notOk(isRelayError(new Error('RLY_ROOT_REFUSED')));
  t.notOk(isRelayError({ code: 'RLY_ROOT_REFUSED' }, 'RLY_ROOT_REFUSED'));
  t.notOk(isRelayError(undefined));
});

t.test('fill', async (t) => {
  t.test('puts each field where its name stands, however often', async (t) => {
    t.equal(fill('{a} and {b}, {a}', { a: 1, b: 'x' }), '1 and x, 1');
    t.equal(fill('nothing {to do', {}), 'nothing {to do');
    t.equal(fill('{a}', { a: null }), 'null');
  });

  t.test('fields are values: what looks like a field or a replacement pattern in them stays as it is', async (t) => {
    t.equal(fill('{a} {b}', { a: '{b}', b: '$& $1 $$' }), '{b} $& $1 $$');
  });

  t.test('text from the network moves no cursor and forges no line', async (t) => {
    t.equal(fill('{a}', { a: '1\n2\r3\t4\u001b[2J5\u0000\u007f\u009b\u2028\u2029' }), '1·2·3·4·[2J5·····');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (a) => !CONTROL.test(fill('{a}', { a }))));
  });

  t.test('and is no novel: 500 characters of it are shown', async (t) => {
    t.equal(fill('{a}', { a: 'x'.repeat(500) }), 'x'.repeat(500));
    t.equal(fill('{a}.', { a: 'x'.repeat(501) }), `${'x'.repeat(500)}….`);
  });
});
