import type { UpdateSource } from '../upstream/source.ts';

/** What an item is, as the update process tells them apart (docs/protocol.md, "Three kinds of item"). */
export type ItemKind = 'components' | 'domainSettings' | 'programs';

/** One step of the update process: where to try, and why there and now. */
export interface Attempt extends UpdateSource {
  /** In words, quoting the setting that decides. */
  readonly reason: string;
}

/** The settings the order of sources depends on. */
export interface SourceSettings {
  /** `https://SERVER:4343/officescan`; `/download` is appended for components. */
  readonly officeScanServer: string;
}

/**
 * The ordered sources this Update Agent tries for items of `kind`. Pure.
 * Without a customized list the standard update source is the only one (docs/protocol.md, "The update process").
 */
export function attempts(_kind: ItemKind, settings: SourceSettings): readonly Attempt[] {
  return [
    {
      url: `${settings.officeScanServer}/download`,
      type: 'officeScanServer',
      reason: 'sources.officeScanServer is the standard update source, and there is no customized list',
    },
  ];
}
