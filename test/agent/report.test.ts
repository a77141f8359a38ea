import t from 'tap';
import { reportRows, totalsOf, type AgentReport, type ReportedItem } from '../../src/agent/report.ts';

const SHA = 'a'.repeat(63) + 'b';
const nothing = { path: null, bytes: 0, sha256: null, signature: null };
const components: ReportedItem[] = [
  {
    id: 'P.4',
    name: 'Virus Pattern',
    before: '1723900',
    after: '1724100',
    how: 'incremental',
    path: 'pattern/v_239.241',
    bytes: 24_957,
    sha256: SHA,
    signature: SHA,
  },
  { id: 'P.200', name: 'Common Firewall Pattern', before: '10268', after: '10268', how: 'current', ...nothing },
  {
    id: 'E.10',
    name: 'Virus Scan Engine (32-bit)',
    before: null,
    after: '12.6.1004',
    how: 'full',
    path: 'engine/x.zip',
    bytes: 5,
    sha256: SHA,
    signature: null,
  },
  {
    id: 'Info_1',
    name: 'Product/old.zip',
    before: null,
    after: null,
    how: 'absent',
    ...nothing,
    path: 'Product/old.zip',
  },
];

t.test('the totals count each outcome and the bytes of what was fetched', async (t) => {
  t.strictSame(totalsOf(components, 31_000), {
    current: 1,
    incremental: 1,
    full: 1,
    absent: 1,
    bytes: 24_962,
    received: 31_000,
  });
});

t.test('the rows read as people read versions, with empty cells where there is nothing', async (t) => {
  const report: AgentReport = {
    source: 'http://ua1:8080/activeupdate',
    index: SHA,
    attempts: [],
    components,
    totals: totalsOf(components, 0),
    durationMs: 1,
  };
  const short = SHA.slice(0, 12);
  t.strictSame(reportRows(report), [
    {
      id: 'P.4',
      name: 'Virus Pattern',
      before: '17.239.00',
      after: '17.241.00',
      how: 'incremental',
      path: 'pattern/v_239.241',
      bytes: 24_957,
      signed: 'yes',
      sha256: short,
    },
    {
      id: 'P.200',
      name: 'Common Firewall Pattern',
      before: '10268',
      after: '10268',
      how: 'current',
      path: null,
      bytes: null,
      signed: null,
      sha256: null,
    },
    {
      id: 'E.10',
      name: 'Virus Scan Engine (32-bit)',
      before: null,
      after: '12.6.1004',
      how: 'full',
      path: 'engine/x.zip',
      bytes: 5,
      signed: 'no',
      sha256: short,
    },
    {
      id: 'Info_1',
      name: 'Product/old.zip',
      before: null,
      after: null,
      how: 'absent',
      path: 'Product/old.zip',
      bytes: null,
      signed: null,
      sha256: null,
    },
  ]);
});
