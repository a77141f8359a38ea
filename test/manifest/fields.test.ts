import t from 'tap';
import { isNumber, LARGEST_OBJECT, misshapen, readObject, splitFields } from '../../src/manifest/fields.ts';

const entry = { key: 'P.4', value: 'as written', line: 7 };
const fields = { kind: 'pattern', component: 'P.4', path: 'Pattern/A.zip', version: '0012', size: '34' } as const;

t.test('fields are split at commas, with and without spaces', async (t) => {
  t.strictSame(splitFields('a, b,c ,'), ['a', 'b', 'c', '']);
  t.strictSame(splitFields(''), ['']);
});

t.test('a number is decimal digits', async (t) => {
  for (const text of ['0', '007', '64813753']) t.ok(isNumber(text), text);
  for (const text of ['', '-1', '+1', '1.0', '1e3', '0x10', '1 2', '١']) t.notOk(isNumber(text), text);
});

t.test('an object keeps path and version as written', async (t) => {
  t.strictSame(readObject(entry, fields), {
    path: 'Pattern/A.zip',
    key: 'pattern/a.zip',
    kind: 'pattern',
    component: 'P.4',
    version: '0012',
    size: 34,
    line: 7,
  });
  t.equal(readObject(entry, { ...fields, version: null }).version, null);
});

t.test('a path that is refused is named with its flaw', async (t) => {
  t.throws(() => readObject(entry, { ...fields, path: '../a.zip' }), {
    code: 'RLY_MANIFEST_PATH',
    fault: 'upstream',
    fields: { line: 7, found: '../a.zip (it has a . or .. segment)', expected: /relative path/ },
  });
});

t.test('an empty version is refused', async (t) => {
  t.throws(() => readObject(entry, { ...fields, version: '' }), { code: 'RLY_MANIFEST_SYNTAX', fields: { line: 7 } });
});

t.test('a size is from 1 byte to 2 GiB', async (t) => {
  t.equal(readObject(entry, { ...fields, size: '1' }).size, 1);
  t.equal(readObject(entry, { ...fields, size: String(LARGEST_OBJECT) }).size, 2_147_483_648);
  for (const size of ['0', '00', '-1', '1.5', '1e3', '0x10', 'f', '1 000', '2147483649', '9'.repeat(400)]) {
    t.throws(
      () => readObject(entry, { ...fields, size }),
      { code: 'RLY_MANIFEST_SIZE', fields: { line: 7, found: size, expected: /from 1 to 2147483648/ } },
      size.slice(0, 20),
    );
  }
  t.throws(() => readObject(entry, { ...fields, size: '' }), {
    code: 'RLY_MANIFEST_SIZE',
    fields: { found: 'nothing' },
  });
});

t.test('an entry with other fields than its key has is shown beside the form it should have', async (t) => {
  t.match(misshapen(entry, 'path, version, size'), {
    code: 'RLY_MANIFEST_SYNTAX',
    fields: { line: 7, found: 'P.4=as written', expected: 'P.4=path, version, size' },
  });
});
