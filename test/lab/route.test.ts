import t from 'tap';
import { releasePath, serves } from '../../src/lab/route.ts';

t.test('an OfficeScan server has components below download, and hot fixes beside it', async (t) => {
  t.equal(releasePath('officeScanServer', '/officescan/download/server.ini'), 'server.ini');
  t.equal(releasePath('officeScanServer', '/officescan/branch/ofcscan.ini'), 'branch/ofcscan.ini');
  t.equal(releasePath('officeScanServer', '/officescan/hotfix_pccnt/x64/a.zip'), 'hotfix_pccnt/x64/a.zip');
  t.equal(releasePath('officeScanServer', '/officescan/cgi/isapiclient.dll'), null);
  t.equal(releasePath('officeScanServer', '/activeupdate/server.ini'), null);
});

t.test('ActiveUpdate has components only', async (t) => {
  t.equal(releasePath('activeUpdate', '/activeupdate/pattern/v_983.985'), 'pattern/v_983.985');
  t.equal(releasePath('activeUpdate', '/officescan/hotfix_pccnt/a.zip'), null);
  t.ok(serves('activeUpdate', 'program'));
  t.notOk(serves('activeUpdate', 'hotfix'));
  t.notOk(serves('activeUpdate', 'settings'));
  t.ok(serves('officeScanServer', 'settings'));
});

t.test('case and percent-encoding do not matter, nor does a query', async (t) => {
  t.equal(releasePath('activeUpdate', '/ActiveUpdate/Pattern/V%5f983.985?x=1'), 'pattern/v_983.985');
  t.equal(releasePath('activeUpdate', '/activeupdate/%zz'), null);
});
