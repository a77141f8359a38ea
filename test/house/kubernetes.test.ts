import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { root } from '../support/tool.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const objects = parseAllDocuments(read('docker/kubernetes.yaml')).map((document) => document.toJS() as Manifest);
const dockerfile = read('Dockerfile');

interface Manifest {
  readonly kind: string;
  readonly data?: Record<string, string>;
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly securityContext: Record<string, unknown>;
        readonly terminationGracePeriodSeconds: number;
        readonly enableServiceLinks: boolean;
        readonly containers: readonly Record<string, unknown>[];
        readonly volumes: readonly { readonly name: string; readonly secret?: { readonly defaultMode: number } }[];
      };
    };
  };
}

function one(kind: string): Manifest {
  const found = objects.find((object) => object.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
}

t.test('its configuration is one', async (t) => {
  const text = one('ConfigMap').data?.['relay.yaml'] ?? '';
  const folder = t.testdir({ 'relay.yaml': '' });
  const token = join(folder, 'admin.token');
  writeFileSync(token, '0123456789abcdef0123456789abcdef', { mode: 0o440 });
  const file = join(folder, 'relay.yaml');
  writeFileSync(file, text.replace('/etc/relay-secret/admin.token', token));
  const { config } = await loadConfig({ file, env: {}, cwd: folder });
  t.equal(config.admin.tokenFile, token);
});

t.test('its pod is the image’s, and hardened as the compose file is', async (t) => {
  const pod = one('StatefulSet').spec?.template?.spec;
  const [container = {}] = pod?.containers ?? [];
  const [, uid = ''] = /^USER (\d+):\d+$/m.exec(dockerfile) ?? [];
  const user = Number(uid);
  t.match(pod?.securityContext, { runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user });
  t.match(container['securityContext'], {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  t.equal(pod?.enableServiceLinks, false);
  const compose = parse(read('docker/compose.yaml')) as { services: { relay: { stop_grace_period: string } } };
  t.equal(`${pod?.terminationGracePeriodSeconds}s`, compose.services.relay.stop_grace_period);
  t.equal(pod?.volumes.find(({ secret }) => secret)?.secret?.defaultMode, 0o440);

  const [, store = ''] = /RELAY_STORAGE__PATH=(\S+)/.exec(dockerfile) ?? [];
  t.match(container['volumeMounts'], [{ name: 'store', mountPath: store }]);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const { exec } = container[probe] as { readonly exec: { readonly command: readonly string[] } };
    t.match(exec.command.slice(0, 2), ['node', 'docker/healthcheck.mjs']);
    t.ok(existsSync(join(root, exec.command[1] ?? '')));
  }
});
