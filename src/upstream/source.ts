/** Which kind of place an update source is (docs/protocol.md, "Update sources"). */
export type SourceType = 'customized' | 'officeScanServer' | 'activeUpdate';

/** One place updates can come from. */
export interface UpdateSource {
  /** Base URL without a trailing slash; `/server.ini` and `/<path>` are appended. */
  readonly url: string;
  readonly type: SourceType;
}
