import t from 'tap';
import { EXIT, exitCode } from '../../src/commands/exit-code.ts';
import { CATALOGUE, type ErrorCode } from '../../src/errors/catalogue.ts';
import { RelayError } from '../../src/errors/relay-error.ts';

/** An error of any code, with made-up fields. */
function errorOf(code: ErrorCode, cause?: unknown): RelayError {
  const { what, advice } = CATALOGUE[code];
  const names = `${what} ${advice}`.matchAll(/\{(\w+)\}/g);
  const fields = Object.fromEntries([...names].map(([, name]) => [name, 1]));
  return new RelayError(code, fields as never, { cause });
}

const refused = errorOf('RLY_UPSTREAM_REFUSED');
const noRoute = errorOf('RLY_UPSTREAM_UNREACHABLE');
const garbage = errorOf('RLY_MANIFEST_NOT_AN_INDEX');

t.test('the codes are those of the contract', async (t) => {
  t.strictSame(EXIT, { done: 0, failed: 1, usage: 64, noSource: 69, disk: 74, configuration: 78 });
});

t.test('whose doing it is decides', async (t) => {
  const expected: [ErrorCode, number][] = [
    ['RLY_USAGE', 64],
    ['RLY_CONFIG_INVALID', 78],
    ['RLY_LISTEN', 78],
    ['RLY_ROOT_REFUSED', 78],
    ['RLY_ADMIN_TOKEN_UNUSABLE', 78],
    ['RLY_STORAGE_FULL', 74],
    ['RLY_STORAGE_LOCKED', 74],
    ['RLY_STORAGE_READ_ONLY', 74],
    ['RLY_AGENT_FOLDER', 74],
    ['RLY_ADMIN_UNREACHABLE', 1],
    ['RLY_ADMIN_REFUSED', 1],
    ['RLY_UPSTREAM_STATUS', 1],
    ['RLY_INTERRUPTED', 1],
    ['RLY_INTERNAL', 1],
  ];
  for (const [code, exit] of expected) t.equal(exitCode(errorOf(code)), exit, code);
  t.equal(exitCode(new Error('a bug')), 1);
  t.equal(exitCode('thrown'), 1);
});

t.test('69 is for sources that nobody reached', async (t) => {
  for (const code of ['REFUSED', 'UNREACHABLE', 'DNS', 'TLS', 'TIMEOUT', 'RESET'] as const) {
    t.equal(exitCode(errorOf(`RLY_UPSTREAM_${code}`)), 69, code);
  }
  for (const code of ['RLY_UPDATE_NO_SOURCE', 'RLY_AGENT_NO_SOURCE'] as const) {
    t.equal(exitCode(errorOf(code, new AggregateError([refused, noRoute]))), 69);
    t.equal(exitCode(errorOf(code, new AggregateError([refused, garbage]))), 1, 'one answered, and wrongly');
    t.equal(exitCode(errorOf(code, new AggregateError([]))), 1);
  }
});
