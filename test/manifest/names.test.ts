import t from 'tap';
import { componentName, formatVersion } from '../../src/manifest/names.ts';

t.test('known components have the names administrators know', async (t) => {
  t.equal(componentName('P.4'), 'Virus Pattern');
  t.equal(componentName('E.1000', 'VSAPI_AMD64_NTKD'), 'Virus Scan Engine (64-bit)');
});

t.test('others have their own name, or else their id', async (t) => {
  t.equal(componentName('E.48000202', 'ATSE_WIN32_OSCE'), 'ATSE_WIN32_OSCE');
  t.equal(componentName('P.40000'), 'P.40000');
});

t.test('a version of the Virus Pattern is shown with its dots, any other as it is written', async (t) => {
  t.equal(formatVersion('P.4', '1724100'), '17.241.00');
  t.equal(formatVersion('P.4', '218000'), '2.180.00');
  t.equal(formatVersion('P.4', '24100'), '24100');
  t.equal(formatVersion('P.4', '17.241.00'), '17.241.00');
  t.equal(formatVersion('P.800', '1724100'), '1724100');
  t.equal(formatVersion('E.10', '12.5.1004'), '12.5.1004');
});
