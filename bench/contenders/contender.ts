/** Where and how a contender is to run. */
export interface Setting {
  /** Its own: whatever it writes lies here. */
  readonly folder: string;
  /** Of 127.0.0.1, to listen on. */
  readonly port: number;
  /** The update source it stands in front of: `127.0.0.1:4711`. */
  readonly origin: string;
  /** The same site as files: what a plain web server serves. */
  readonly root: string;
}

/** A command line and what it needs to find on disk. */
export interface Launch {
  readonly command: readonly [string, ...string[]];
  /** By name below the setting's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** The same, for the eyes of whoever runs this alone. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Below the setting's folder; the server's own user may write there. */
  readonly folders?: readonly string[];
}

/** A server that agents could be pointed at, as a value: nothing runs before `start`. */
export interface Contender {
  readonly name: string;
  /** `static` has all files beforehand, `cache` fetches what is asked for. */
  readonly role: 'static' | 'cache' | 'relay';
  /** The program, and Debian's package with it; null: it is here anyway. */
  readonly needs: { readonly program: string; readonly package: string } | null;
  /** The command that tells its version. */
  readonly version: readonly [string, ...string[]];
  launch(setting: Setting): Launch;
}
