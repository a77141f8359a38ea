import t from 'tap';
import { decideSources } from '../../src/policy/decide-sources.ts';
import type { Question, SourceSettings } from '../../src/policy/decision.ts';
import { sourceSettings } from '../support/source-settings.ts';

const SERVER = sourceSettings().officeScanServer;
const VENDOR = sourceSettings().activeUpdate;
const UA1 = 'http://ua1.example.com:21112/activeupdate';
const UA2 = 'http://ua2.example.com:21112/activeupdate';

function decide(change: Partial<SourceSettings>, question: Partial<Question> = {}) {
  return decideSources(
    { kind: 'components', role: 'update-agent', addresses: [], ...question },
    sourceSettings(change),
  );
}

const off = { components: false, domainSettings: false, programs: false };

t.test(
  'without a list: the OfficeScan server, then ActiveUpdate by the privilege, each with the setting that says so',
  async (t) => {
    t.strictSame(decide({ agentsDownloadFromActiveUpdate: true }), {
      kind: 'components',
      role: 'update-agent',
      attempts: [
        {
          source: SERVER,
          type: 'officeScanServer',
          reason: 'sources.customized is empty, so the OfficeScan server is the standard update source',
          url: `${SERVER}/download`,
          patternsOnly: false,
        },
        {
          source: VENDOR,
          type: 'activeUpdate',
          reason: 'sources.agentsDownloadFromActiveUpdate is true',
          url: VENDOR,
          patternsOnly: false,
        },
      ],
      notTried: [],
    });
  },
);

t.test('without a list and without the privilege nothing comes from the Internet', async (t) => {
  const { attempts, notTried } = decide({});
  t.strictSame(
    attempts.map(({ source }) => source),
    [SERVER],
  );
  const reason =
    'sources.agentsDownloadFromActiveUpdate is false, and there is no list that ActiveUpdate could be missing from';
  t.strictSame(notTried, [{ source: VENDOR, type: 'activeUpdate', reason }]);
});

t.test('programs with ActiveUpdate first in the list and nothing else to go to: it quits, and says why', async (t) => {
  const settings = { customized: [{ url: VENDOR }], fromServerWhenCustomizedFail: off };
  t.strictSame(decide(settings, { kind: 'programs' }), {
    kind: 'programs',
    role: 'update-agent',
    attempts: [],
    notTried: [
      {
        source: VENDOR,
        type: 'activeUpdate',
        reason:
          'ActiveUpdate has components only; agent programs and hot fixes come from the OfficeScan server and Update Agents',
      },
      {
        source: SERVER,
        type: 'officeScanServer',
        reason:
          'sources.fromServerWhenCustomizedFail.programs is false, so agent programs and hot fixes do not come from here',
      },
      {
        source: VENDOR,
        type: 'activeUpdate',
        reason:
          'ActiveUpdate has components only; agent programs and hot fixes come from the OfficeScan server and Update Agents',
      },
    ],
  });
});

t.test('each reason quotes the settings that decide', async (t) => {
  const list = { customized: [{ url: UA1 }, { url: VENDOR }] };
  const only = { updateAgentsOnlyFromServer: true };
  const privilege = { agentsDownloadFromActiveUpdate: true };
  const cases: [string, Partial<SourceSettings>, string, string][] = [
    [
      'a list, the switch on',
      list,
      'sources.fromServerWhenCustomizedFail.components is true, so components come from here when the list fails',
      'sources.fromServerWhenCustomizedFail.components is true, so the OfficeScan server is the last one',
    ],
    [
      'a list, the switch off',
      { ...list, fromServerWhenCustomizedFail: off },
      'sources.fromServerWhenCustomizedFail.components is false, so components do not come from here',
      'sources.agentsDownloadFromActiveUpdate is false, and ActiveUpdate is in the list already, as sources.customized[1]',
    ],
    [
      'a list without ActiveUpdate, the switch off',
      { customized: [{ url: UA1 }], fromServerWhenCustomizedFail: off },
      'sources.fromServerWhenCustomizedFail.components is false, so components do not come from here',
      'sources.fromServerWhenCustomizedFail.components is false, and ActiveUpdate is not in sources.customized',
    ],
    [
      'a list, the switch off, the privilege',
      { customized: [{ url: UA1 }], fromServerWhenCustomizedFail: off, ...privilege },
      'sources.fromServerWhenCustomizedFail.components is false, so components do not come from here',
      'sources.fromServerWhenCustomizedFail.components is false, and sources.agentsDownloadFromActiveUpdate is true',
    ],
    [
      'only from the server',
      { ...list, ...only },
      'sources.updateAgentsOnlyFromServer is true, so the OfficeScan server comes first',
      'sources.agentsDownloadFromActiveUpdate is false, and ActiveUpdate is not the first entry of sources.customized',
    ],
    [
      'only from the server, no list',
      only,
      'sources.updateAgentsOnlyFromServer is true, so the OfficeScan server comes first',
      'sources.agentsDownloadFromActiveUpdate is false, and ActiveUpdate is not the first entry of sources.customized',
    ],
    [
      'only from the server, the privilege',
      { ...only, ...privilege },
      'sources.updateAgentsOnlyFromServer is true, so the OfficeScan server comes first',
      'sources.agentsDownloadFromActiveUpdate is true',
    ],
    [
      'only from the server, ActiveUpdate first',
      { ...only, customized: [{ url: 'http://osce12-p.activeupdate.trendmicro.com/activeupdate' }] },
      'sources.updateAgentsOnlyFromServer is true, so the OfficeScan server comes first',
      'ActiveUpdate is the first entry of sources.customized',
    ],
  ];
  for (const [name, settings, server, vendor] of cases) {
    const { attempts, notTried } = decide(settings);
    const reasonOf = (url: string) => [...attempts, ...notTried].findLast(({ source }) => source === url)?.reason;
    t.equal(reasonOf(SERVER), server, name);
    t.equal(reasonOf(VENDOR), vendor, name);
  }
});

t.test('a disregarded list is named entry by entry', async (t) => {
  const customized = [{ url: UA1, range: '10.1.0.0/16' }, { url: VENDOR }];
  const { notTried } = decide({ updateAgentsOnlyFromServer: true, customized });
  const reason = 'sources.updateAgentsOnlyFromServer is true, so the list is disregarded';
  t.match(notTried, [
    { source: UA1, type: 'customized', reason },
    { source: VENDOR, type: 'activeUpdate', reason },
    { source: VENDOR, type: 'activeUpdate' },
  ]);
  t.match(decide({ updateAgentsOnlyFromServer: true, customized }, { role: 'agent' }).attempts, [
    { source: VENDOR },
    {},
  ]);
});

t.test('an entry is for the clients in its range', async (t) => {
  const ranges = ['10.1.0.0-10.1.255.255', '10.0.0.0/8', '192.0.2.7', '2001:db8::/48'];
  const customized = [...ranges.map((range, at) => ({ url: `http://for${at}`, range })), { url: UA1 }];
  const tried = (...addresses: string[]) => {
    const { attempts } = decide({ customized }, { role: 'agent', addresses });
    return attempts.map(({ url }) => new URL(url).hostname.split('.')[0]).join(' ');
  };
  t.equal(tried('10.1.2.3'), 'for0 for1 ua1 osce');
  t.equal(tried('::ffff:10.1.2.3'), 'for0 for1 ua1 osce', 'IPv4 behind a dual-stack listener');
  t.equal(tried('10.2.0.0'), 'for1 ua1 osce');
  t.equal(tried('192.0.2.7', '2001:db8::9'), 'for2 for3 ua1 osce', 'a host has several addresses');
  t.equal(tried('192.0.2.8'), 'ua1 osce');
  t.equal(tried(), 'ua1 osce', 'of an unknown address only the entries for everybody hold');
});

t.test('the reason of an entry names its range and the addresses', async (t) => {
  const customized = [{ url: UA1, range: '10.1.0.0/16' }, { url: UA2 }];
  const reasons = (...addresses: string[]) => {
    const { attempts, notTried } = decide({ customized }, { addresses });
    return [...attempts, ...notTried].filter(({ type }) => type === 'customized').map(({ reason }) => reason);
  };
  const everybody = 'sources.customized[1] has no range, so it is for every client';
  t.strictSame(reasons('127.0.0.1', '10.1.2.3'), [
    'sources.customized[0] is for 10.1.0.0/16, which holds 10.1.2.3',
    everybody,
  ]);
  t.strictSame(reasons('127.0.0.1', '10.2.2.3'), [
    everybody,
    'sources.customized[0] is for 10.1.0.0/16, which does not hold 127.0.0.1 or 10.2.2.3',
  ]);
  t.strictSame(reasons(), [
    everybody,
    'sources.customized[0] is for 10.1.0.0/16, and the client’s address is not known',
  ]);
});

t.test('a URL is tried once, in whatever spelling it comes again', async (t) => {
  const customized = [
    { url: UA1 },
    { url: 'HTTP://UA1.Example.com:21112/activeupdate/' },
    { url: `${SERVER}/download` },
    { url: 'https://OSCE14-P.activeupdate.trendmicro.com:443/activeupdate' },
  ];
  const { attempts, notTried } = decide({ customized, agentsDownloadFromActiveUpdate: true });
  t.match(attempts, [{ source: UA1 }, { type: 'customized', url: `${SERVER}/download` }, { type: 'activeUpdate' }]);
  t.match(notTried, [
    { source: customized[1]?.url, reason: 'its URL is that of sources.customized[0], which is tried before' },
    { source: SERVER, reason: 'its URL is that of sources.customized[2], which is tried before' },
    { source: VENDOR, reason: /^sources.fromServerWhenCustomizedFail.components is true/ },
  ]);
  const withoutServer = decide({
    customized,
    agentsDownloadFromActiveUpdate: true,
    fromServerWhenCustomizedFail: off,
  });
  t.match(withoutServer.notTried.at(-1), {
    source: VENDOR,
    type: 'activeUpdate',
    reason: 'its URL is that of sources.customized[3], which is tried before',
  });
});

t.test('an entry that is not for this client does not stand in for the server', async (t) => {
  const customized = [{ url: `${SERVER}/download`, range: '192.0.2.0/24' }];
  t.match(decide({ customized }, { addresses: ['10.1.2.3'] }), {
    attempts: [{ source: SERVER, type: 'officeScanServer' }],
    notTried: [{ type: 'customized' }, { type: 'activeUpdate' }],
  });
});

t.test('only patterns are taken from ActiveUpdate where the setting says so, also from the list', async (t) => {
  const older = 'http://osce12-p.activeupdate.trendmicro.com/activeupdate';
  const { attempts } = decide({
    customized: [{ url: older }, { url: UA1 }],
    fromServerWhenCustomizedFail: off,
    agentsDownloadFromActiveUpdate: true,
    activeUpdatePatternsOnly: true,
  });
  t.match(attempts, [
    { source: older, patternsOnly: true, reason: /; sources.activeUpdatePatternsOnly is true, so for patterns only$/ },
    { source: UA1, patternsOnly: false },
    { source: VENDOR, patternsOnly: true },
  ]);
  t.notMatch(attempts[1]?.reason, 'activeUpdatePatternsOnly');
});

t.test('each attempt says where the items of its kind are', async (t) => {
  const customized = [{ url: UA1 }];
  const urls = (kind: Question['kind']) => decide({ customized }, { kind }).attempts.map(({ url }) => url);
  t.strictSame(urls('components'), [UA1, `${SERVER}/download`]);
  t.strictSame(urls('programs'), [`${UA1}/OfficeScan`, SERVER]);
  t.strictSame(urls('domainSettings'), [UA1, SERVER]);
});

t.test('1,024 entries are judged in an instant', async (t) => {
  const customized = Array.from({ length: 1024 }, (_, at) => ({
    url: `http://ua${at}.example.com:21112/activeupdate`,
    range: `10.${at >> 2}.${(at % 4) * 64}.0/18`,
  }));
  const { attempts, notTried } = decide({ customized }, { addresses: ['10.255.200.1'] });
  t.match(attempts, [{ source: 'http://ua1023.example.com:21112/activeupdate' }, { type: 'officeScanServer' }]);
  t.equal(notTried.length, 1024);
});
