import * as fc from '../support/fast-check.ts';
import t from 'tap';
import { canonicalPath, pathFlaw } from '../../src/manifest/path.ts';
import { createAllowList } from '../../src/pull-through/allow-list.ts';

const both = createAllowList({ programs: true, domains: ['Branch', 'Büro 7'] });
const all = both.find;

t.test(
  'both trees of hot fixes mean one file, whatever the case; upstream it is asked for as it was here',
  async (t) => {
    const paths = [
      '/officescan/hotfix_pccnt/Common/Setup.exe',
      '/activeupdate/OfficeScan/hotfix_pccnt/Common/Setup.exe',
      '/OfficeScan/hotfix_pccnt/Common/Setup.exe',
    ];
    for (const path of paths) {
      t.strictSame(all(path), {
        kind: 'hotfix',
        key: 'hotfix_pccnt/common/setup.exe',
        path: 'hotfix_pccnt/Common/Setup.exe',
        base: 'items',
      });
    }
    t.match(all('/ACTIVEUPDATE/officescan/HOTFIX_ADMIN/A.ZIP'), {
      key: 'hotfix_admin/a.zip',
      path: 'HOTFIX_ADMIN/A.ZIP',
    });
  },
);

t.test('the lists of hot-fix modules lie where components do', async (t) => {
  const list = { kind: 'hotfix', key: 'hotfixnt.txt', base: 'components' };
  t.strictSame(all('/officescan/download/hotfixNT.txt'), { ...list, path: 'hotfixNT.txt' });
  t.strictSame(all('/activeupdate/HOTFIXNT.txt'), { ...list, path: 'HOTFIXNT.txt' });
  t.match(all('/activeupdate/hotfixNT_x64.txt'), { key: 'hotfixnt_x64.txt' });
});

t.test('of domain settings those of configured domains, one file of each, below one base', async (t) => {
  t.strictSame(all('/activeupdate/BRANCH/ofcscan.ini'), {
    kind: 'domain-settings',
    key: 'branch/ofcscan.ini',
    path: 'BRANCH/ofcscan.ini',
    base: 'items',
  });
  t.match(all('/activeupdate/Büro 7/OFCSCAN.INI'), { key: 'büro 7/ofcscan.ini' });
  for (const path of [
    '/activeupdate/Workgroup/ofcscan.ini',
    '/activeupdate/Branch/ofcscan.exe',
    '/activeupdate/Branch/x/ofcscan.ini',
    '/activeupdate/ofcscan.ini',
    '/officescan/Branch/ofcscan.ini',
    '/officescan/download/Branch/ofcscan.ini',
  ]) {
    t.equal(all(path), undefined, path);
  }
});

t.test('everything else is on no list', async (t) => {
  for (const path of [
    '/',
    '/officescan/hotfix_pccnt',
    '/officescan/hotfix_other/a.exe',
    '/officescan/cgi/isapiclient.dll',
    '/officescan/xhotfix_pccnt/a.exe',
    '/officescan/download/hotfix_pccnt/a.exe',
    '/officescan/download/hotfixNT.txt/x',
    '/officescan/hotfixNT.txt',
    '/activeupdate/hotfix_pccnt/a.exe',
    '/activeupdate/server.ini',
    '/hotfix_pccnt/a.exe',
    'officescan/hotfix_pccnt/a.exe',
  ]) {
    t.equal(all(path), undefined, path);
  }
});

t.test('a path that means something else to somebody is refused', async (t) => {
  for (const name of ['a:b', 'a%20b', 'a?b', 'a#b', '..', './a', 'a//b', 'a/', 'x'.repeat(1100), 'a\u0085']) {
    t.equal(all(`/officescan/hotfix_pccnt/${name}`), undefined, name);
  }
});

t.test('each kind has its switch', async (t) => {
  const none = createAllowList({ programs: false, domains: [] });
  t.equal(none.find('/officescan/hotfix_pccnt/a.exe'), undefined);
  t.equal(none.find('/officescan/download/hotfixNT.txt'), undefined);
  t.equal(none.find('/activeupdate/Branch/ofcscan.ini'), undefined);
  const settings = createAllowList({ programs: false, domains: ['Branch'] });
  t.match(settings.find('/activeupdate/Branch/ofcscan.ini'), { kind: 'domain-settings' });
});

t.test('what was kept under another configuration is on the list, or not, by what it is', async (t) => {
  const hotfix = { kind: 'hotfix', key: 'hotfix_pccnt/a.exe' } as const;
  const branch = { kind: 'domain-settings', key: 'branch/ofcscan.ini' } as const;
  const workgroup = { ...branch, key: 'workgroup/ofcscan.ini' };
  t.strictSame([hotfix, branch, workgroup].map(both.has), [true, true, false]);
  t.strictSame([hotfix, branch].map(createAllowList({ programs: false, domains: [] }).has), [false, false]);
});

t.test(
  'whatever path is found: its key is its path folded, climbs nowhere, and begins with what is allowed',
  async () => {
    const word = fc.oneof(
      fc.constantFrom('officescan', 'ACTIVEUPDATE', 'OfficeScan', 'hotfix_pccnt', 'HotFix_admin', 'download', 'Branch'),
      fc.constantFrom('ofcscan.ini', 'hotfixNT.txt', '..', '.', '', 'a.exe', 'A', 'Ä'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    const path = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => `/${words.join('/')}`);
    fc.assert(
      fc.property(path, (asked) => {
        const item = all(asked);
        if (!item) return true;
        const wellFormed = item.key === canonicalPath(item.path) && pathFlaw(item.path) === undefined;
        const listed = /^(?:hotfix_(?:pccnt|admin)\/.|hotfixnt(?:_x64)?\.txt$|(?:branch|büro 7)\/ofcscan\.ini$)/s;
        return wellFormed && listed.test(item.key) && all(canonicalPath(asked))?.key === item.key;
      }),
      { numRuns: 2000 },
    );
  },
);
