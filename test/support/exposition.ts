/** One series of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  /** `counter` or `gauge`, by metric. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
  /** The value of the series with these labels and no others; undefined without one. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

const HEAD = /^# (HELP|TYPE) (\w+) (.+)$/;
const SAMPLE = /^(\w+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

/** Reads the Prometheus text format strictly: a line that is none of it throws, as does a series without a type. */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter(Boolean)) {
    const [, keyword, metric = '', rest = ''] = HEAD.exec(line) ?? [];
    if (keyword === 'TYPE') types.set(metric, rest);
    if (keyword !== undefined) continue;
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (!types.has(name) || labels.replace(LABEL, '') !== '' || Number.isNaN(Number(value))) {
      throw new Error(`this is no sample: ${line}`);
    }
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', raw = '']) => [key, unescape(raw)] as const);
    samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return {
    types,
    samples,
    value(name, labels = {}) {
      const wanted = Object.entries(labels);
      return samples.find(
        (sample) =>
          sample.name === name &&
          Object.keys(sample.labels).length === wanted.length &&
          wanted.every(([key, value]) => sample.labels[key] === value),
      )?.value;
    },
  };
}

function unescape(raw: string): string {
  return raw.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
