import t from 'tap';
import { decideSources } from '../../src/policy/decide-sources.ts';
import type { Attempt, Role, SourceSettings } from '../../src/policy/decision.ts';
import { ITEM_KINDS, type ItemKind } from '../../src/policy/item-kind.ts';
import { sourceSettings } from '../support/source-settings.ts';

/*
 * The update process of docs/protocol.md §2, written down line by line: every combination of the switches, kinds, roles
 * and places of ActiveUpdate in the list is in exactly one line. A `*` stands for any value.
 *
 * who        agent     an agent, whatever updateAgentsOnlyFromServer says: that is for Update Agents
 *            ua        an Update Agent, updateAgentsOnlyFromServer off: as an agent
 *            ua-only   an Update Agent, updateAgentsOnlyFromServer on
 * list       where ActiveUpdate stands among the customized sources A and B; `none` is an empty list; in `middle-out` and
 *            `first-out` its entry is for a range that does not hold the client
 * server     fromServerWhenCustomizedFail of the kind
 * privilege  agentsDownloadFromActiveUpdate
 * order      A, B: the customized sources · L: ActiveUpdate as the list writes it · S: the OfficeScan server ·
 *            V: ActiveUpdate as sources.activeUpdate writes it · V/L: the same, unless that is the very URL of L ·
 *            nothing: the update quits at once
 */
const TABLE = `
kind            who       list        server  privilege  order

components      agent,ua  none        *       on         S V
components      agent,ua  none        *       off        S
components      agent,ua  without     on      *          A B S
components      agent,ua  first       on      *          L A B S
components      agent,ua  middle      on      *          A L B S
components      agent,ua  last        on      *          A B L S
components      agent,ua  only        on      *          L S
components      agent,ua  middle-out  on      *          A B S
components      agent,ua  first-out   on      *          A B S
components      agent,ua  without     off     *          A B V
components      agent,ua  first       off     on         L A B V/L
components      agent,ua  middle      off     on         A L B V/L
components      agent,ua  last        off     on         A B L V/L
components      agent,ua  only        off     on         L V/L
components      agent,ua  middle-out  off     on         A B V
components      agent,ua  first-out   off     on         A B V
components      agent,ua  first       off     off        L A B
components      agent,ua  middle      off     off        A L B
components      agent,ua  last        off     off        A B L
components      agent,ua  only        off     off        L
components      agent,ua  middle-out  off     off        A B
components      agent,ua  first-out   off     off        A B

components      ua-only   *           *       on         S V
components      ua-only   none        *       off        S
components      ua-only   without     *       off        S
components      ua-only   first       *       off        S V
components      ua-only   middle      *       off        S
components      ua-only   last        *       off        S
components      ua-only   only        *       off        S V
components      ua-only   middle-out  *       off        S
components      ua-only   first-out   *       off        S V

domainSettings  agent,ua  none        *       *          S
domainSettings  agent,ua  without     on      *          A B S
domainSettings  agent,ua  first       on      *          A B S
domainSettings  agent,ua  middle      on      *          A B S
domainSettings  agent,ua  last        on      *          A B S
domainSettings  agent,ua  only        on      *          S
domainSettings  agent,ua  middle-out  on      *          A B S
domainSettings  agent,ua  first-out   on      *          A B S
domainSettings  agent,ua  without     off     *          A B
domainSettings  agent,ua  first       off     *          A B
domainSettings  agent,ua  middle      off     *          A B
domainSettings  agent,ua  last        off     *          A B
domainSettings  agent,ua  only        off     *
domainSettings  agent,ua  middle-out  off     *          A B
domainSettings  agent,ua  first-out   off     *          A B
domainSettings  ua-only   *           *       *          S

programs        agent,ua  none        *       *          S
programs        agent,ua  without     on      *          A B S
programs        agent,ua  first       on      *          A B S
programs        agent,ua  middle      on      *          A B S
programs        agent,ua  last        on      *          A B S
programs        agent,ua  only        on      *          S
programs        agent,ua  middle-out  on      *          A B S
programs        agent,ua  first-out   on      *          A B S
programs        agent,ua  without     off     *          A B
programs        agent,ua  first       off     *          A B
programs        agent,ua  middle      off     *          A B
programs        agent,ua  last        off     *          A B
programs        agent,ua  only        off     *
programs        agent,ua  middle-out  off     *          A B
programs        agent,ua  first-out   off     *          A B
programs        ua-only   *           *       *          S
`;

const CLIENT = '10.1.2.3';
const SAME_URL = 'HTTPS://OSCE14-P.ActiveUpdate.TrendMicro.com:443/activeupdate/';
const OTHER_URL = 'http://osce12-p.activeupdate.trendmicro.com/activeupdate';

const A = { url: 'http://ua1.example.com:21112/activeupdate', range: '10.1.0.0-10.1.255.255' };
const B = { url: 'http://ua2.example.com:21112/activeupdate' };
const LISTS: Record<string, (activeUpdate: string) => SourceSettings['customized']> = {
  none: () => [],
  without: () => [A, B],
  first: (url) => [{ url }, A, B],
  middle: (url) => [A, { url }, B],
  last: (url) => [A, B, { url }],
  only: (url) => [{ url }],
  'middle-out': (url) => [A, { url, range: '10.2.0.0/16' }, B],
  'first-out': (url) => [{ url, range: '10.2.0.0/16' }, A, B],
};

interface Combination {
  readonly kind: ItemKind;
  readonly role: Role;
  readonly onlyFromServer: boolean;
  readonly list: string;
  readonly server: boolean;
  readonly privilege: boolean;
  readonly patternsOnly: boolean;
  /** What the list has for ActiveUpdate, where it stands there. */
  readonly inList: string;
}

function* combinations(): Generator<Combination> {
  const switches = [false, true];
  for (const kind of ITEM_KINDS)
    for (const role of ['agent', 'update-agent'] as const)
      for (const onlyFromServer of switches)
        for (const list of Object.keys(LISTS))
          for (const server of switches)
            for (const privilege of switches)
              for (const patternsOnly of switches)
                for (const inList of [SAME_URL, OTHER_URL])
                  yield { kind, role, onlyFromServer, list, server, privilege, patternsOnly, inList };
}

const lines = TABLE.trim()
  .split('\n')
  .slice(1)
  .filter((line) => line !== '')
  .map((line) => {
    const [kind = '', who = '', list = '', server = '', privilege = '', ...order] = line.trim().split(/ +/);
    return { cells: [kind, who, list, server, privilege], order };
  });

/** The one line of the table that speaks of a combination. */
function lineFor({ kind, role, onlyFromServer, list, server, privilege }: Combination) {
  const who = role === 'agent' ? 'agent' : onlyFromServer ? 'ua-only' : 'ua';
  const wanted = [kind, who, list, server ? 'on' : 'off', privilege ? 'on' : 'off'];
  const found = lines.filter(({ cells }) =>
    cells.every((cell, at) => cell === '*' || cell.split(',').includes(wanted[at] ?? '')),
  );
  const [line, ...more] = found;
  if (!line || more.length > 0) throw new Error(`${found.length} lines of the table speak of ${wanted.join(' ')}`);
  return line;
}

function settingsOf({ kind, onlyFromServer, list, server, privilege, patternsOnly, inList }: Combination) {
  const others = { components: !server, domainSettings: !server, programs: !server };
  return sourceSettings({
    customized: LISTS[list]?.(inList) ?? [],
    updateAgentsOnlyFromServer: onlyFromServer,
    // Those of the other kinds say the contrary: none may be taken for another.
    fromServerWhenCustomizedFail: { ...others, [kind]: server },
    agentsDownloadFromActiveUpdate: privilege,
    activeUpdatePatternsOnly: patternsOnly,
  });
}

const { officeScanServer, activeUpdate } = sourceSettings();
const PLACES: Record<string, { source: readonly string[]; type: string }> = {
  A: { source: [A.url], type: 'customized' },
  B: { source: [B.url], type: 'customized' },
  L: { source: [SAME_URL, OTHER_URL], type: 'activeUpdate' },
  S: { source: [officeScanServer], type: 'officeScanServer' },
  V: { source: [activeUpdate], type: 'activeUpdate' },
};

/** An attempt as the table writes it: its letter, and `!` where its type or its limit to patterns is wrong. */
function written({ source, type, patternsOnly }: Attempt, limited: boolean): string {
  const [place = '?', is] = Object.entries(PLACES).find(([, { source: urls }]) => urls.includes(source)) ?? [];
  const right = is?.type === type && patternsOnly === (limited && type === 'activeUpdate');
  return right ? place : `${place}!`;
}

t.test('every combination of switches, kinds, roles and places has the order the document gives it', async (t) => {
  const wrong: object[] = [];
  const used = new Set<object>();
  let count = 0;
  for (const combination of combinations()) {
    const { kind, role, patternsOnly, inList } = combination;
    const question = { kind, role, addresses: ['127.0.0.1', CLIENT] };
    const decision = decideSources(question, settingsOf(combination));
    const line = lineFor(combination);
    const again = inList === SAME_URL ? [] : ['V'];
    const expected = line.order.flatMap((place) => (place === 'V/L' ? again : [place])).join(' ');
    const found = decision.attempts.map((attempt) => written(attempt, patternsOnly)).join(' ');
    const named = decision.kind === kind && decision.role === role;
    if (found !== expected || !named) wrong.push({ ...combination, expected, found });
    used.add(line);
    count += 1;
  }
  t.strictSame(wrong, []);
  t.equal(count, 3 * 2 * 2 * 8 * 2 * 2 * 2 * 2);
  t.equal(used.size, lines.length, 'no line of the table is about nothing');
  t.equal(lines.length, 63, 'the table was read');
});
