import { resolve } from 'node:path';
import { RelayError } from '../errors/relay-error.ts';
import { assemble } from './assemble.ts';
import { readEnvironment } from './environment.ts';
import { readFileSettings } from './file-settings.ts';
import { readConfigFile } from './guarded-file.ts';
import { InvalidConfig } from './problems.ts';
import type { Config } from './schema.ts';
import { parseYaml } from './yaml-file.ts';

export interface LoadOptions {
  /** The path given with --config. */
  readonly file?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** What relative paths of configuration files are relative to. */
  readonly cwd: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute path of the file; null where everything came from the environment. */
  readonly file: string | null;
}

/** Where a configuration is looked for when none is named. */
const PLACES = ['relay.yaml', '/etc/relay/relay.yaml'];

/**
 * Reads the configuration: environment over file over default. The file is the one that --config or RELAY_CONFIG
 * names, else the first of `PLACES` that is there, else none (docs/reference/configuration.md).
 *
 * Throws RLY_CONFIG_INVALID (an `InvalidConfig`) with everything that is wrong, RLY_CONFIG_UNREADABLE for a file that
 * is named and not there, or there and not readable or written by whoever likes, RLY_CONFIG_MISSING where neither file nor variables say anything.
 */
export async function loadConfig({ file, env, cwd }: LoadOptions): Promise<LoadedConfig> {
  const named = file ?? (env['RELAY_CONFIG'] || undefined);
  const places = (named === undefined ? PLACES : [named]).map((place) => resolve(cwd, place));
  const found = await readFirst(places, named !== undefined);
  const environment = readEnvironment(env);

  if (found === undefined) {
    const silent = environment.problems.length === 0 && !environment.byName.has('sources.officeScanServer');
    if (silent) throw new RelayError('RLY_CONFIG_MISSING', { places: places.join(', ') });
    return { config: assemble(environment, 'environment'), file: null };
  }

  const yaml = parseYaml(found.text, found.file);
  const inFile = readFileSettings(yaml);
  const problems = [...inFile.problems, ...environment.problems];
  if (yaml.tree === undefined) throw new InvalidConfig(problems);
  const byName = new Map([...inFile.byName, ...environment.byName]);
  return { config: assemble({ byName, problems }, found.file), file: found.file };
}

/** The first of the files that is there. `required`: one must be. */
async function readFirst(
  files: readonly string[],
  required: boolean,
): Promise<{ file: string; text: string } | undefined> {
  for (const file of files) {
    try {
      return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(await readConfigFile(file)) };
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const absent = code === 'ENOENT';
      if (absent && !required) continue;
      throw new RelayError(
        'RLY_CONFIG_UNREADABLE',
        { file, reason: absent ? 'there is no such file' : message },
        { cause },
      );
    }
  }
  return undefined;
}
