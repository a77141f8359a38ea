import { loadConfig } from '../config/load.ts';
import { ownAddresses } from '../config/own-addresses.ts';
import type { ObjectQuestion } from '../delivery/explain-object.ts';
import type { Question } from '../policy/decision.ts';
import { explainSources } from '../policy/explain-sources.ts';
import { addressProblem, parseQuestion } from '../policy/parse-question.ts';
import type { Io } from '../terminal/io.ts';
import { createAdminClient } from './admin-client.ts';
import {
  configHelp,
  configOption,
  jsonHelp,
  jsonOption,
  text,
  usage,
  type Command,
  type Invocation,
} from './command.ts';
import { EXIT } from './exit-code.ts';
import { pathText, sourcesText } from './explain-text.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'which sources are tried, and why; or where an object came from',
  help: `(--kind KIND | PATH) [--agent IP] [--role ROLE] [--config FILE] [--json]

With --kind: the update sources for a kind of item in the order in which they are tried, each with the setting that
decides; then those that are not tried, and why. Needs the configuration alone, no running relay.
With PATH: what a running relay gives an agent that asks for it: generation, identity, hash, and where it came from.

  --kind KIND     components, domain-settings or programs
  PATH            as an agent asks for it (/activeupdate/pattern/a.zip, /officescan/hotfix_pccnt/a.exe) or the index
                  writes it (pattern/a.zip)
  --agent IP      as the agent with this address (default: this relay itself; with PATH, an agent that is new)
  --role ROLE     agent or update-agent (default: agent with --agent, else update-agent, which this relay is)
  ${configHelp}
  ${jsonHelp}

  relay explain --kind programs --agent 10.1.2.3
`,
  options: {
    ...configOption,
    ...jsonOption,
    kind: { type: 'string' },
    agent: { type: 'string' },
    role: { type: 'string' },
  },
  argument: 'PATH',

  async run({ values, io, env, cwd, signal }) {
    const question = questionOf(values);
    const { config } = await loadConfig({ file: text(values['config']), env, cwd });
    const present = <T>(value: T, asText: (value: T, io: Io) => string): void => {
      io.stdout.write(values['json'] ? `${JSON.stringify(value, null, 2)}\n` : asText(value, io));
    };
    if ('kind' in question) present(explainSources(question, config.sources), sourcesText);
    else present(await createAdminClient(config.admin, signal).explain(question), pathText);
    return EXIT.done;
  },
};

/** Throws RLY_USAGE. */
function questionOf(values: Invocation['values']): Question | ObjectQuestion {
  const [kind, path, agent, role] = ['kind', 'PATH', 'agent', 'role'].map((name) => text(values[name]));
  if (kind !== undefined && path === undefined) {
    const question = parseQuestion({ kind, role, agent }, ownAddresses());
    if (typeof question === 'string') throw usage('explain', `--${question}`);
    return question;
  }
  if (path === undefined || kind !== undefined) throw usage('explain', 'it takes either --kind KIND or a PATH');
  if (role !== undefined) throw usage('explain', '--role goes with --kind, not with a PATH');
  const problem = addressProblem(agent);
  if (problem !== undefined) throw usage('explain', `--${problem}`);
  return { path, agent: agent ?? null };
}
