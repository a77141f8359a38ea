import { join } from 'node:path';
import type { Contender } from './contender.ts';
import { NODE } from './node.ts';

const root = join(import.meta.dirname, '..', '..');

/** `admin.tokenFile` of a relay here; on loopback, for the length of a run. */
export const TOKEN = 'a-token-for-benchmarks-of-32-characters';

/** How a relay differs from one measurement to the next. */
export interface RelayOptions {
  /** Of loopback, for the admin listener. */
  readonly adminPort: number;
  /** The others have no access log; at `warn` the relay has none either. */
  readonly logLevel?: 'info' | 'warn';
  /** `agents.memory`, where it is not the default. */
  readonly memory?: string;
  /** Section `mirror` of relay.yaml. */
  readonly mirror?: Readonly<Record<string, unknown>>;
}

/** `mirror` of a relay that fetches everything an index lists before it serves it. */
export const everythingFirst = { prefetch: { fullPatternsUpTo: '1GiB' } };

/** `mirror` of a relay that fetches no full pattern before somebody asks for it. */
export const nothingFirst = { prefetch: { fullPatternsUpTo: '0B' } };

/** `agents.limits` of a relay whose clients all come from one machine; the others have none. */
const NO_LIMITS = { connections: 30_000, connectionsPerAddress: 30_000, downloadsPerAddress: 30_000 };

/** The relay as a process of its own, in front of the origin as its OfficeScan server. */
export function relay({ adminPort, logLevel = 'warn', memory, mirror = {} }: RelayOptions): Contender {
  return {
    name: 'relay',
    role: 'relay',
    needs: null,
    version: [process.execPath, join(root, 'src', 'main.ts'), '--version'],
    launch({ folder, port, origin }) {
      const configuration = {
        agents: {
          host: '127.0.0.1',
          port,
          allow: ['127.0.0.0/8'],
          limits: NO_LIMITS,
          ...(memory !== undefined && { memory }),
        },
        admin: { port: adminPort, tokenFile: join(folder, 'token') },
        storage: { path: join(folder, 'store') },
        sources: { officeScanServer: `http://${origin}/officescan`, updateAgentsOnlyFromServer: true },
        mirror,
        log: { level: logLevel },
      };
      const file = join(folder, 'relay.yaml');
      return {
        command: [...NODE, join(root, 'src', 'main.ts'), 'serve', '--allow-root', '--config', file],
        // JSON is YAML.
        files: { 'relay.yaml': JSON.stringify(configuration, null, 2) },
        secrets: { token: TOKEN },
      };
    },
  };
}
