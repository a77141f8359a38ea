import type { SourceType, UpdateSource } from '../upstream/source.ts';
import type { ItemKind } from './item-kind.ts';

/** Who updates: an agent, or one that serves others as this relay does (docs/protocol.md §2). */
export const ROLES = ['agent', 'update-agent'] as const;
export type Role = (typeof ROLES)[number];

/** The settings the order of sources depends on: the section `sources` of the configuration. */
export interface SourceSettings {
  readonly officeScanServer: string;
  readonly activeUpdate: string;
  readonly customized: readonly { readonly url: string; readonly range?: string }[];
  readonly updateAgentsOnlyFromServer: boolean;
  readonly fromServerWhenCustomizedFail: Readonly<Record<ItemKind, boolean>>;
  readonly agentsDownloadFromActiveUpdate: boolean;
  readonly activeUpdatePatternsOnly: boolean;
}

/** Who asks for what. */
export interface Question {
  readonly kind: ItemKind;
  readonly role: Role;
  /** The client's own addresses: entries for a range with none of them are not for it. Empty where they are not known. */
  readonly addresses: readonly string[];
}

/** A source as it is configured, and in words that quote the settings why it is tried, or why not. */
export interface NotTried {
  /** Its URL in the configuration. */
  readonly source: string;
  readonly type: SourceType;
  readonly reason: string;
}

/** One step of the update process. */
export interface Attempt extends NotTried, UpdateSource {
  /** Where its items of this kind are, see `itemsUrl`. */
  readonly url: string;
  /** From here patterns and their incrementals only, no engines: `sources.activeUpdatePatternsOnly` at ActiveUpdate. */
  readonly patternsOnly: boolean;
}

/** The answer: each source of the configuration is in one of the lists. When all attempts have failed, the update quits. */
export interface Decision extends Pick<Question, 'kind' | 'role'> {
  /** In the order in which they are tried. */
  readonly attempts: readonly Attempt[];
  readonly notTried: readonly NotTried[];
}
