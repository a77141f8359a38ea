import t from 'tap';
import { generationsText } from '../../src/commands/generations.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import type { Generations } from '../../src/telemetry/generations.ts';
import { fakeIo } from '../support/fake-io.ts';
import { freePort } from '../support/free-port.ts';
import { labServerFor } from '../support/lab-server-for.ts';
import { relayEnv, relayFor } from '../support/relay-for.ts';
import { runCommand } from '../support/run-command.ts';

const catalogue = createCatalogue({ shape: 'small' });

t.test('of a running relay, in text and as the JSON of its API', async (t) => {
  const lab = await labServerFor(t, { kind: 'officeScanServer', release: catalogue.release(1) });
  const relay = await relayFor(t, await relayEnv(t, lab.url));
  t.equal((await runCommand(['generations'], { env: relay.env })).stdout, 'none yet: agents get 503\n');
  await relay.mirror.update('administrator');
  lab.publish(catalogue.release(2));
  await relay.mirror.update('administrator');

  const { code, stdout, stderr } = await runCommand(['generations'], { env: relay.env });
  t.equal(code, 0);
  t.equal(stderr, '');
  const [head = '', ...rows] = stdout.trimEnd().split('\n');
  t.match(head, /^GENERATION +PUBLISHED +OBJECTS +ON DISK +ON DEMAND +AGENTS +SOURCE$/);
  t.match(rows, [/^ +2 +just now +\d+ +\d+\.\d KiB +\d.* get it +http/, /^ +1 +just now +\d+ .* – +http/]);
  t.equal(rows.length, 2);

  const json = await runCommand(['generations', '--json'], { env: relay.env });
  t.match(JSON.parse(json.stdout) as Generations, { total: 2, items: [{ number: 2, current: true }, { number: 1 }] });
});

t.test('text for people', async (t) => {
  const now = Date.UTC(2026, 0, 5, 12);
  const generation: Generations['items'][number] = {
    number: 7,
    publishedAt: new Date(now - 3 * 3_600_000).toISOString(),
    source: 'https://osce.example.com/officescan/download',
    current: false,
    inUse: true,
    onDisk: { objects: 12, bytes: 1024 ** 2 },
    onDemand: { objects: 1, bytes: 64 * 1024 ** 2 },
    absent: 0,
  };
  t.equal(
    generationsText({ total: 1, offset: 0, items: [generation] }, fakeIo(), now),
    [
      'GENERATION  PUBLISHED  OBJECTS  ON DISK  ON DEMAND  AGENTS            SOURCE',
      '         7  3 h ago         12  1.0 MiB   64.0 MiB  may still use it  https://osce.example.com/officescan/download',
      '',
    ].join('\n'),
  );
});

t.test('without a running relay it says so', async (t) => {
  const env = {
    RELAY_SOURCES__OFFICE_SCAN_SERVER: 'https://osce.example.com:4343/officescan',
    RELAY_ADMIN__PORT: String(await freePort()),
  };
  const { code, stderr } = await runCommand(['generations'], { env });
  t.equal(code, 1);
  t.match(stderr, /^relay: RLY_ADMIN_UNREACHABLE: /);
});
