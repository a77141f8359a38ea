import { decideSources } from '../src/policy/decide-sources.ts';
import type { Attempt, SourceSettings } from '../src/policy/decision.ts';
import { ITEM_KINDS, KIND_WORDS, type ItemKind } from '../src/policy/item-kind.ts';
import { page, tableOf } from './markdown.ts';

const UA = { url: 'http://ua1.example.com:21112/activeupdate' };
const ACTIVE_UPDATE = { url: 'https://osce14-p.activeupdate.trendmicro.com/activeupdate' };

/** What the order depends on: the values of each column, in words and as a question and settings. */
const WHO = {
  agent: { role: 'agent', updateAgentsOnlyFromServer: true },
  'Update Agent': { role: 'update-agent', updateAgentsOnlyFromServer: false },
  'Update Agent with `updateAgentsOnlyFromServer`': { role: 'update-agent', updateAgentsOnlyFromServer: true },
} as const;
const LIST: Readonly<Record<string, SourceSettings['customized']>> = {
  empty: [],
  '[UA]': [UA],
  '[ActiveUpdate, UA]': [ACTIVE_UPDATE, UA],
  '[UA, ActiveUpdate]': [UA, ACTIVE_UPDATE],
  '[ActiveUpdate]': [ACTIVE_UPDATE],
};
const SWITCH = { on: true, off: false };

const SOURCE: Readonly<Record<Attempt['type'], string>> = {
  customized: 'UA',
  officeScanServer: 'OfficeScan server',
  activeUpdate: 'ActiveUpdate',
};

/** `docs/reference/sources.md`: for each kind of item a table of all combinations, with what the policy says to them. */
export function sourcesReference(): string {
  return page(
    'Order of sources',
    `Which sources are tried, in which order, for every combination of the settings in \`sources\`. Made by asking the policy
itself; rows with one answer are drawn together. When the last source of a row has failed, the update quits.
[guide/sources.md](../guide/sources.md) explains it; \`relay explain --kind KIND\` says which row a configuration is in, with
the reason for each source.

UA stands for any number of customized sources whose range holds the client; entries for other clients are passed over.
ActiveUpdate stands in the list with the URL of \`sources.activeUpdate\` here, and a URL is not tried twice. Where it stands
there with another one, such as that of an older host, the switch off and the privilege on add \`sources.activeUpdate\` at
the end.`,
    ...ITEM_KINDS.map(section),
  );
}

function section(kind: ItemKind): string {
  const title = `${KIND_WORDS[kind].charAt(0).toUpperCase()}${KIND_WORDS[kind].slice(1)}`;
  const head = [
    'Who updates',
    '`customized`',
    `\`fromServerWhenCustomizedFail.${kind}\``,
    '`agentsDownloadFromActiveUpdate`',
    'Order',
  ];
  return `## ${title}\n\n${tableOf(head, merged(combinations(kind)).map(cellsOf))}`;
}

interface Row {
  /** Of each column, the values for which the order is the same. */
  readonly values: readonly (readonly string[])[];
  readonly order: string;
}

const COLUMNS = [WHO, LIST, SWITCH, SWITCH].map((values) => Object.keys(values));

function combinations(kind: ItemKind): Row[] {
  return Object.entries(WHO).flatMap(([who, { role, updateAgentsOnlyFromServer }]) =>
    Object.entries(LIST).flatMap(([list, customized]) =>
      Object.entries(SWITCH).flatMap(([server, on]) =>
        Object.entries(SWITCH).map(([privilege, agentsDownloadFromActiveUpdate]) => {
          const settings = {
            officeScanServer: 'https://osce.example.com:4343/officescan',
            activeUpdate: ACTIVE_UPDATE.url,
            customized,
            updateAgentsOnlyFromServer,
            fromServerWhenCustomizedFail: { components: on, domainSettings: on, programs: on },
            agentsDownloadFromActiveUpdate,
            activeUpdatePatternsOnly: false,
          };
          const { attempts } = decideSources({ kind, role, addresses: [] }, settings);
          const order = attempts.map(({ type }) => SOURCE[type]).join(', ') || 'none: it quits at once';
          return { values: [[who], [list], [server], [privilege]], order };
        }),
      ),
    ),
  );
}

/** Draws together, column by column from the last, rows that differ there alone. */
function merged(rows: readonly Row[]): readonly Row[] {
  return COLUMNS.reduceRight<readonly Row[]>((left, _, column) => {
    const groups = Map.groupBy(left, ({ values, order }) => JSON.stringify([values.with(column, []), order]));
    return [...groups.values()].flatMap(([first, ...others]) => {
      if (!first) return [];
      const all = [first, ...others].flatMap(({ values }) => values[column] ?? []);
      return [{ ...first, values: first.values.with(column, all) }];
    });
  }, rows);
}

function cellsOf({ values, order }: Row): string[] {
  const cells = values.map((some, column) => (some.length === COLUMNS[column]?.length ? 'any' : some.join(' or ')));
  return [...cells, order];
}
