import { addressMatcher } from '../config/addresses.ts';
import type { SourceType } from '../upstream/source.ts';
import { isActiveUpdate } from './active-update.ts';
import type { Question, SourceSettings } from './decision.ts';
import { KIND_WORDS, type ItemKind } from './item-kind.ts';

/** A source of the configuration, and what the rules say about it. */
export interface Judged {
  /** Its key: `sources.customized[2]`. */
  readonly name: string;
  readonly source: string;
  readonly type: SourceType;
  readonly verdict: Verdict;
}

interface Verdict {
  readonly tried: boolean;
  readonly reason: string;
}

/** What all rules look at. */
interface Facts extends Question {
  readonly settings: SourceSettings;
  /** An Update Agent that goes by no list (docs/protocol.md §2.2). */
  readonly onlyFromServer: boolean;
  /** Whether there is a list to go by. */
  readonly hasList: boolean;
}

const tried = (reason: string): Verdict => ({ tried: true, reason });
const notTried = (reason: string): Verdict => ({ tried: false, reason });

/**
 * Every source of the configuration in the order of docs/protocol.md §2, each with its verdict: the entries of the list,
 * the OfficeScan server, ActiveUpdate. That order is the same in all cases; what differs is which of them are tried.
 */
export function judgeSources(question: Question, settings: SourceSettings): readonly Judged[] {
  const { officeScanServer, activeUpdate, customized } = settings;
  const onlyFromServer = question.role === 'update-agent' && settings.updateAgentsOnlyFromServer;
  const facts = { ...question, settings, onlyFromServer, hasList: customized.length > 0 && !onlyFromServer };
  return [
    ...customized.map(({ url, range }, index): Judged => {
      const name = entryName(index);
      const type = isActiveUpdate(url, activeUpdate) ? 'activeUpdate' : 'customized';
      return { name, source: url, type, verdict: judgeEntry({ name, type, range }, facts) };
    }),
    {
      name: 'sources.officeScanServer',
      source: officeScanServer,
      type: 'officeScanServer',
      verdict: judgeServer(facts),
    },
    { name: 'sources.activeUpdate', source: activeUpdate, type: 'activeUpdate', verdict: judgeActiveUpdate(facts) },
  ];
}

/** §2.1, step 1: the entries whose range holds the client's own address. §2.2, step 1: or the list is not looked at. */
function judgeEntry(
  { name, type, range }: { name: string; type: SourceType; range: string | undefined },
  { kind, addresses, onlyFromServer }: Facts,
): Verdict {
  if (onlyFromServer) return notTried('sources.updateAgentsOnlyFromServer is true, so the list is disregarded');
  if (type === 'activeUpdate' && kind !== 'components') return notTried(hasComponentsOnly(kind));
  if (range === undefined) return tried(`${name} has no range, so it is for every client`);
  if (addresses.length === 0) return notTried(`${name} is for ${range}, and the client’s address is not known`);
  const address = addresses.find(addressMatcher([range]));
  return address === undefined
    ? notTried(`${name} is for ${range}, which does not hold ${addresses.join(' or ')}`)
    : tried(`${name} is for ${range}, which holds ${address}`);
}

/** §2.1, step 2.1: after the list, where the switch of the kind is on. §2.2, step 1.1 and §2.3, step 1: before all others. */
function judgeServer({ kind, settings, onlyFromServer, hasList }: Facts): Verdict {
  if (onlyFromServer) {
    return tried('sources.updateAgentsOnlyFromServer is true, so the OfficeScan server comes first');
  }
  if (!hasList) return tried('sources.customized is empty, so the OfficeScan server is the standard update source');
  const words = KIND_WORDS[kind];
  return settings.fromServerWhenCustomizedFail[kind]
    ? tried(`sources.fromServerWhenCustomizedFail.${kind} is true, so ${words} come from here when the list fails`)
    : notTried(`sources.fromServerWhenCustomizedFail.${kind} is false, so ${words} do not come from here`);
}

/** §2.1, step 2.2; §2.2, step 1.2; §2.3, step 2: components, by the privilege or by the place in the list. */
function judgeActiveUpdate({ kind, settings, onlyFromServer, hasList }: Facts): Verdict {
  if (kind !== 'components') return notTried(hasComponentsOnly(kind));
  if (hasList && settings.fromServerWhenCustomizedFail.components) {
    return notTried(
      'sources.fromServerWhenCustomizedFail.components is true, so the OfficeScan server is the last one',
    );
  }
  const before = hasList ? 'sources.fromServerWhenCustomizedFail.components is false, and ' : '';
  if (settings.agentsDownloadFromActiveUpdate) return tried(`${before}sources.agentsDownloadFromActiveUpdate is true`);

  const at = settings.customized.findIndex(({ url }) => isActiveUpdate(url, settings.activeUpdate));
  const without = 'sources.agentsDownloadFromActiveUpdate is false';
  if (onlyFromServer) {
    return at === 0
      ? tried('ActiveUpdate is the first entry of sources.customized')
      : notTried(`${without}, and ActiveUpdate is not the first entry of sources.customized`);
  }
  if (!hasList) return notTried(`${without}, and there is no list that ActiveUpdate could be missing from`);
  return at < 0
    ? tried(`${before}ActiveUpdate is not in sources.customized`)
    : notTried(`${without}, and ActiveUpdate is in the list already, as ${entryName(at)}`);
}

/** §2.1, "Two limits". */
function hasComponentsOnly(kind: ItemKind): string {
  return `ActiveUpdate has components only; ${KIND_WORDS[kind]} come from the OfficeScan server and Update Agents`;
}

function entryName(index: number): string {
  return `sources.customized[${index}]`;
}
