/** How many things `sampleIndex` lists: as many as a real index of 2024 did. */
export const SAMPLE_COUNTS = { patterns: 39, incrementals: 88, engines: 18, componentObjects: 145 } as const;

interface Pattern {
  readonly id: string;
  /** File name before version and extension. */
  readonly stem: string;
  readonly version: number;
  readonly incrementals?: number;
  /** How much lower the version each incremental starts from is than the next one's. */
  readonly step?: number;
  readonly countKey?: 'MergeCount' | 'MergeCountEx' | 'MergeCountIU';
}

const PATTERNS: readonly Pattern[] = [
  { id: '4', stem: 'virus', version: 1950100, incrementals: 18, step: 200, countKey: 'MergeCount' },
  { id: '200', stem: 'firewall', version: 10301 },
  { id: '800', stem: 'cleanup', version: 1712, incrementals: 8, step: 2, countKey: 'MergeCountEx' },
  { id: '20000020', stem: 'white', version: 190300, incrementals: 11, step: 200, countKey: 'MergeCountEx' },
  { id: '20000040', stem: 'black', version: 26100 },
  { id: '20000400', stem: 'active', version: 251500, incrementals: 12, step: 200, countKey: 'MergeCountEx' },
  { id: '40000010', stem: 'spyware', version: 2515, incrementals: 9, step: 2, countKey: 'MergeCountIU' },
  { id: '48020000', stem: 'smart/agent', version: 1950100, incrementals: 18, step: 200, countKey: 'MergeCountEx' },
  { id: '48040145', stem: 'rules/rule_1.11', version: 11090500 },
  { id: '48040226', stem: 'learning', version: 180400, incrementals: 12, step: 100, countKey: 'MergeCountIU' },
  ...Array.from({ length: 29 }, (_, n) => ({ id: String(49_000_001 + n), stem: `other${n}`, version: 1000 + 10 * n })),
];

/**
 * A synthetic server.ini in the shape of a real one, with all its quirks: legacy keys between the others, names that
 * stay while their content changes, spaces after some commas, `Product/` and `product/`, packages that come again,
 * empty and junk `Path`, sections without a blank line between them. Names, versions and sizes are made up.
 */
export function sampleIndex(eol: '\n' | '\r\n' = '\n'): Buffer {
  const sections = [
    ['[Common]', 'Version=1.0', 'ActiveUpdate=2.99.0.1', 'CertExpireDate=Jan  1 00:00:00 2031 GMT', ''],
    ['[Server]', 'AvailableServer=1', 'Server.1=https://updates.example.com/activeupdate', ''],
    ['[PATTERN]', ...patternLines(), ''],
    ['[ENGINE]', ...engineLines(), ''],
    ['[EXCLUSION]', 'VSAPI=2.01,2.02', ''],
    ['[All_Product]', 'MaxProductID=3', 'Product.3=Mail Guard , 1.0, 2.0', ''],
    ['[Info_1_45000_1_1]', 'EngineType=0x04', 'Path=Product/Guard1.zip, 2715', 'Update_Path=Product/Up1.zip,24', ''],
    ['[Info_1_45000_4_1]', 'EngineType=', 'Path=', 'Update_Path=Product/Up1.zip,24', ''],
    ['[Info_7_20000_4_1]', 'Version=2.5', 'Path=f', 'Update_Path=product/up1.zip,24', ''],
    ['[Info_2_50000_1_1]', 'Version=5.0', 'Path=', 'Update_Path=', ''],
    ['[Info_524_10000_1_1]', 'Build=1', 'Update_Path=product/Patch.zip,154', 'Path=product/Lite.tar.gz,25142'],
    ['[Info_524_10000_1_5889]', 'Build=1', 'Update_Path=product/Patch64.zip,176', 'Path=product/Lite64.zip,31116'],
  ];
  return Buffer.from(
    sections
      .flat()
      .map((line) => line + eol)
      .join(''),
  );
}

/** An index of the lines given. */
export function toIndex(...lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function patternLines(): string[] {
  const full = PATTERNS.map(({ id, stem, version }, n) => {
    const file = n % 3 === 0 ? `${stem}.zip` : `${stem}_${version}.zip`;
    return n % 5 === 4
      ? `P.${id}=pattern/${file},${version},${sizeOf(n)}`
      : `P.${id}=pattern/${file}, ${version}, ${sizeOf(n)}`;
  });
  return ['Version=501', `Path_VSAPI=pattern/virus.zip, ${sizeOf(0)}`, ...full, ...PATTERNS.flatMap(incrementalLines)];
}

function incrementalLines({ id, stem, version, incrementals = 0, step = 0, countKey }: Pattern): string[] {
  if (!countKey) return [];
  const entries = Array.from({ length: incrementals }, (_, index) => {
    const from = version - (index + 1) * step;
    const path = `pattern/${stem}_${index === 1 ? 'f00' : from % 1_000_000}.${version % 1_000_000}`;
    const entry = `P.${id}.Merge.${index + 1}=${path}, ${from}, ${sizeOf(index) + step}`;
    const legacy = [`Merge.${index + 1}=${from}`, `MergePath_VSAPI.${index + 1}=${path}, ${sizeOf(index) + step}`];
    return id === '4' ? [entry, ...legacy, ...(index === 0 ? [`MergeCount=${incrementals}`] : [])] : [entry];
  });
  const flag = countKey === 'MergeCountIU' ? [`P.${id}.IU=1001`] : [];
  return [...flag, `P.${id}.${countKey}=${incrementals}`, ...entries.flat()];
}

function engineLines(): string[] {
  const ids = ['10', '1000', '21080000', '22000002', ...Array.from({ length: 14 }, (_, n) => String(48_100_001 + n))];
  const engines = ids.map((id, n) => {
    const fields = [
      `engine/${n % 4 === 3 ? 'deep/' : ''}Engine${id}.zip`,
      `9.${n}.1001`,
      String(sizeOf(n) * 3),
      '1.0.1000',
    ];
    return `E.${id}=ENGINE_${id},${n % 2 ? '' : ' '}${fields.join(n % 3 ? ', ' : ',')}`;
  });
  const legacy = [
    `Path_VSAPI32=engine/Engine10.zip, 9.0, ${sizeOf(0) * 3}`,
    `Path_VSAPI64=engine/Engine1000.zip, 9.1, ${sizeOf(1) * 3}`,
  ];
  return [...engines, ...legacy];
}

// Any size will do, as long as neighbours differ.
function sizeOf(n: number): number {
  return 1000 + 137 * n;
}
