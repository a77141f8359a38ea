import { effectiveConfig, effectiveSettings } from '../config/effective.ts';
import { loadConfig } from '../config/load.ts';
import { readConfigFiles } from '../config/config-files.ts';
import { configHelp, configOption, jsonHelp, jsonOption, text, type Command } from './command.ts';
import { EXIT } from './exit-code.ts';

export const checkConfig: Command = {
  name: 'check-config',
  summary: 'validate the configuration and print what is in force',
  help: `[--config FILE] [--json]

Reads the file and the environment as \`relay serve\` would, says everything that is wrong with them
at once (exit code 78), the files it names included, or prints every key with the value in force.

  ${configHelp}
  ${jsonHelp}
`,
  options: { ...configOption, ...jsonOption },

  async run({ values, io, env, cwd }) {
    const { config, file } = await loadConfig({ file: text(values['config']), env, cwd });
    await readConfigFiles(config);
    if (values['json']) {
      io.stdout.write(`${JSON.stringify({ file, config: effectiveSettings(config) }, null, 2)}\n`);
      return EXIT.done;
    }
    io.stdout.write(`# ${file ?? 'no file: environment and defaults'}\n${effectiveConfig(config)}`);
    return EXIT.done;
  },
};
