import type { Attempt, Decision, NotTried, Question, SourceSettings } from './decision.ts';
import { itemsUrl } from './items-url.ts';
import { judgeSources } from './rules.ts';

/**
 * The update process of docs/protocol.md §2 for one kind of item and one client: which sources are tried, in which
 * order, and why each of the others is not. Pure.
 *
 * A URL is tried once: what failed a moment ago under one name would fail under the next (docs/adr/0005-order-of-sources.md).
 */
export function decideSources(question: Question, settings: SourceSettings): Decision {
  const { kind, role } = question;
  const attempts: Attempt[] = [];
  const notTried: NotTried[] = [];
  const names = new Map<string, string>();
  for (const { name, source, type, verdict } of judgeSources(question, settings)) {
    const url = itemsUrl({ source, type }, kind);
    const before = names.get(url);
    if (!verdict.tried) {
      notTried.push({ source, type, reason: verdict.reason });
    } else if (before !== undefined) {
      notTried.push({ source, type, reason: `its URL is that of ${before}, which is tried before` });
    } else {
      names.set(url, name);
      const patternsOnly = type === 'activeUpdate' && settings.activeUpdatePatternsOnly;
      const limit = patternsOnly ? '; sources.activeUpdatePatternsOnly is true, so for patterns only' : '';
      attempts.push({ source, type, reason: `${verdict.reason}${limit}`, url, patternsOnly });
    }
  }
  return { kind, role, attempts, notTried };
}
