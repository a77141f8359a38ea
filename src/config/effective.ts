import { Value } from 'typebox/value';
import { stringify } from 'yaml';
import { ConfigSchema, type Config } from './schema.ts';

/**
 * A configuration in the form of the file, every default filled in: for `relay check-config --json`. Nothing in it is
 * secret: secrets lie in files of their own, and it holds their paths.
 */
export function effectiveSettings(config: Config): Record<string, unknown> {
  return Value.Encode(ConfigSchema, config);
}

/** The same as YAML that loads again. */
export function effectiveConfig(config: Config): string {
  return stringify(effectiveSettings(config), { lineWidth: 0 });
}
