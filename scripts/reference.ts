import { benchmarksDocument } from '../bench/report/document.ts';
import { readResults } from '../bench/report/results.ts';
import { COMMANDS } from '../src/commands/run.ts';
import { configurationReference, exampleYaml } from '../src/config/reference.ts';
import { CATALOGUE } from '../src/errors/catalogue.ts';
import { EVENTS } from '../src/ports/events.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { apiReference } from './api-reference.ts';
import { page, tableOf } from './markdown.ts';
import { sourcesReference } from './sources-reference.ts';

/** Every generated document, by its path in the repository. A test holds the committed files against this. */
export async function generatedFiles(): Promise<Record<string, string>> {
  return {
    'relay.example.yaml': exampleYaml(),
    'docs/reference/configuration.md': configurationReference(),
    'docs/reference/sources.md': sourcesReference(),
    'docs/reference/commands.md': commandsReference(),
    'docs/reference/errors.md': errorsReference(),
    'docs/reference/events.md': eventsReference(),
    'docs/reference/metrics.md': await metricsReference(),
    'docs/reference/api.md': await apiReference(),
    'docs/benchmarks.md': benchmarksDocument(readResults()),
  };
}

function commandsReference(): string {
  const sections = COMMANDS.map(
    ({ name, summary, help }) =>
      `## ${name}\n\n${summary[0]?.toUpperCase()}${summary.slice(1)}.\n\n\`\`\`\nrelay ${name} ${help.trimEnd()}\n\`\`\``,
  );
  return page(
    'Commands',
    'Exit codes: 0 done · 1 failed · 64 usage · 69 no source could be reached · 74 disk · 78 configuration. Errors go to standard error as `relay: CODE: what and why. What to do`.',
    ...sections,
  );
}

const FAULTS = {
  config: 'The configuration',
  upstream: 'The update source',
  storage: 'The disk of this host',
  client: 'The one who asked',
  internal: 'The relay itself',
};

function errorsReference(): string {
  const sections = Object.entries(FAULTS).map(([fault, title]) => {
    const rows = Object.entries(CATALOGUE)
      .filter(([, entry]) => entry.fault === fault)
      .map(([code, { what, advice }]) => [`\`${code}\``, what, advice]);
    return `## ${title}\n\n${tableOf(['Code', 'What happened', 'What to do'], rows)}`;
  });
  return page(
    'Errors',
    'Every error the relay can show, by whose doing it is. What stands in braces is filled in. On a terminal: `relay: CODE: what. What to do`; over HTTP: `{"error":"CODE","detail":"…","requestId":"…"}`.',
    ...sections,
  );
}

function eventsReference(): string {
  const rows = Object.entries(EVENTS).map(([name, { level, message }]) => [`\`${name}\``, level, message]);
  return page(
    'Events',
    'The log has one line for each of these and no others. In JSON: `time`, `level`, `event`, the fields that stand in braces, and `msg` with the sentence. On a terminal: the sentence.',
    tableOf(['Event', 'Level', 'Sentence'], rows),
  );
}

async function metricsReference(): Promise<string> {
  const { text } = await createMetrics(() => 0).render({
    generation: null,
    confirmedAt: null,
    storageBytes: 0,
    lastWalkAt: null,
    upstream: [],
    connections: {},
    certificates: [],
  });
  const rows = [...text.matchAll(/^# HELP (\w+) (.*)\n# TYPE \w+ (\w+)/gm)].map(([, name, help, type]) => [
    `\`${name}\``,
    type ?? '',
    help ?? '',
  ]);
  return page(
    'Metrics',
    '`GET /metrics` on the admin listener, in the Prometheus text format.',
    tableOf(['Metric', 'Type', 'Meaning'], rows),
  );
}
