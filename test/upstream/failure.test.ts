import t from 'tap';
import { RelayError } from '../../src/errors/relay-error.ts';
import { requestFailure } from '../../src/upstream/failure.ts';
import { defaultLimits } from '../../src/upstream/limits.ts';

const url = 'https://osce.example.com/server.ini';
const direct = { key: 'sources.reach[]', proxy: null };
const because = (code: string) => Object.assign(new Error(`because of ${code}`), { code });

t.test('what cannot be staged on one machine still has its name', async (t) => {
  const named = {
    EHOSTUNREACH: 'RLY_UPSTREAM_UNREACHABLE',
    ENETUNREACH: 'RLY_UPSTREAM_UNREACHABLE',
    EAI_AGAIN: 'RLY_UPSTREAM_DNS',
    EPIPE: 'RLY_UPSTREAM_RESET',
    ETIMEDOUT: 'RLY_UPSTREAM_RESET',
    CERT_HAS_EXPIRED: 'RLY_UPSTREAM_TLS',
    ERR_TLS_CERT_ALTNAME_INVALID: 'RLY_UPSTREAM_TLS',
    ERR_SSL_WRONG_VERSION_NUMBER: 'RLY_UPSTREAM_TLS',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'RLY_UPSTREAM_TLS',
    EMFILE: 'RLY_UPSTREAM_FAILED',
  };
  for (const [code, expected] of Object.entries(named)) {
    const cause = because(code);
    const error = requestFailure(cause, url, defaultLimits, direct);
    t.equal(error.code, expected, code);
    t.equal(error.cause, cause);
    t.match(error.message, url);
  }
});

t.test('an error without a message is told by its code, and anything else as it is', async (t) => {
  const aggregate = Object.assign(new AggregateError([], ''), { code: 'ENETUNREACH' });
  t.match(requestFailure(aggregate, url, defaultLimits, direct).message, 'ENETUNREACH');
  t.match(requestFailure('odd', url, defaultLimits, direct), {
    code: 'RLY_UPSTREAM_FAILED',
    fields: { reason: 'odd' },
  });
});

t.test('an error of the catalogue stays what it is', async (t) => {
  const error = new RelayError('RLY_UPSTREAM_TOO_SLOW', { url, found: 'little', expected: 'more' });
  t.equal(requestFailure(error, url, defaultLimits, direct), error);
});
