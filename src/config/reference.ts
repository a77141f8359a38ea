import { stringify } from 'yaml';
import { CONFIGURATION, isSection, keysOf, type Key, type Section } from './keys.ts';

const GENERATED = 'Generated from src/config/schema.ts by `npm run docs`.';

/** `relay.example.yaml`: every key with its meaning and its default; the one that must be set has an example. */
export function exampleYaml(): string {
  return `# Configuration of the Update Agent relay: ./relay.yaml, or /etc/relay/relay.yaml.
# Only sources.officeScanServer must be set. Everything else shows its default and may be left out.
# docs/reference/configuration.md says what each key takes, and how to set it in the environment.
# ${GENERATED}
${exampleLines(CONFIGURATION).join('\n')}
`;
}

function exampleLines(section: Section): string[] {
  return section.entries.flatMap((entry) => {
    const about = `# ${entry.description}`;
    if (!isSection(entry))
      return [about, `${entry.optional ? '# ' : ''}${entry.label}: ${onOneLine(shownValue(entry))}`];
    const gap = section === CONFIGURATION ? [''] : [];
    return [...gap, about, `${entry.label}:`, ...exampleLines(entry).map((line) => `  ${line}`)];
  });
}

/** `docs/reference/configuration.md`: where configuration comes from, and a table for each section. */
export function configurationReference(): string {
  const tables = CONFIGURATION.entries.filter(isSection).map(sectionReference);
  return `${[INTRODUCTION, ...tables].join('\n\n')}\n`;
}

const INTRODUCTION = `# Configuration

<!-- ${GENERATED} -->

The relay reads one YAML file: the one that \`--config\` or \`RELAY_CONFIG\` names, else \`./relay.yaml\`, else
\`/etc/relay/relay.yaml\`. Every key is an environment variable too. A variable wins over the file, and the file over the
default. [\`relay.example.yaml\`](../../relay.example.yaml) shows every key; \`relay check-config\` checks a
configuration and prints what is in force.

- **Nothing is guessed.** An unknown key, an unknown \`RELAY_*\` variable, a wrong unit or an impossible value is refused,
  and everything that is wrong is listed at once: file and line, what was found, what would be right.
- **Sizes, durations and rates** are a whole number and its unit without a space: \`20GiB\`, \`15m\`, \`4Mbit/s\`. None goes
  without a unit, not even nothing (\`0B\`). 1KB is 1000 bytes, 1KiB is 1024; 1kbit/s is 1000 bits a second.
- **A list in a variable** is JSON (\`["10.0.0.0/8", "::1"]\`) or separated by commas (\`10.0.0.0/8,::1\`); the empty list
  is \`[]\`. A list of entries is always JSON (\`[{"url": "http://ua1:21112/activeupdate"}]\`).
- **Whoever can write the file** says where updates come from: one that everybody on the host may write is refused
  (\`chmod 0644\`, or \`0664\`).
- **An empty variable** is a value like any other, and mostly a wrong one: unset what is not meant.
- **Beside the keys** there are \`RELAY_CONFIG\` (the path of the file) and \`RELAY_ALLOW_ROOT\` (\`1\` lets \`relay serve\`,
  \`update\` and \`verify --repair\` run as root).
- **Kubernetes** gives pods variables such as \`RELAY_PORT\` when a Service is called \`relay\`. They are refused like any
  unknown one: set \`enableServiceLinks: false\` in the pod.
- **Live** keys change under a running relay with SIGHUP ([operate.md](../guide/operate.md#change-the-configuration-of-a-running-relay)),
  also where only the content of a file they name is new. "If set" is for what may get another
  value, and can be neither added nor taken away. All else is for the next start, and the log names it.`;

function sectionReference(section: Section): string {
  return `## \`${section.name}\`

${section.description}

| Key | Variable | Value | Default | Live | Meaning |
| --- | --- | --- | --- | --- | --- |
${keysOf(section).map(row).join('\n')}`;
}

function row(key: Key): string {
  const standing = key.required ? '**must be set**' : key.optional ? 'not set' : `\`${onOneLine(key.default)}\``;
  const live = key.live === 'replaced' ? 'if set' : key.live ? 'yes' : 'no';
  return `| \`${key.name}\` | \`${key.variable}\` | ${key.expects} | ${standing} | ${live} | ${key.description} |`;
}

function shownValue(key: Key): unknown {
  return key.default ?? key.examples?.[0];
}

/** A value as YAML. Items of a list in quotes, so that the list is JSON too and can be copied into a variable. */
function onOneLine(value: unknown): string {
  return stringify(value, {
    collectionStyle: 'flow',
    defaultStringType: Array.isArray(value) ? 'QUOTE_DOUBLE' : 'PLAIN',
    flowCollectionPadding: false,
    lineWidth: 0,
  }).trim();
}
