import { readFile } from 'node:fs/promises';
import t from 'tap';
import { KEYS } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configurationReference, exampleYaml } from '../../src/config/reference.ts';
import { root } from '../support/tool.ts';

t.test('the committed files are what the schema says (npm run docs)', async (t) => {
  t.equal(await readFile(`${root}/relay.example.yaml`, 'utf8'), exampleYaml());
  t.equal(await readFile(`${root}/docs/reference/configuration.md`, 'utf8'), configurationReference());
});

t.test('the example loads, and says nothing but the defaults', async (t) => {
  const example = await loadConfig({ file: 'relay.example.yaml', env: {}, cwd: root });
  const env = { RELAY_SOURCES__OFFICE_SCAN_SERVER: example.config.sources.officeScanServer };
  t.strictSame(example.config, (await loadConfig({ env, cwd: t.testdir() })).config);
});

t.test('the example loads with its optional keys switched on as well', async (t) => {
  const cwd = t.testdir({ 'relay.yaml': exampleYaml().replace(/# (?=(?:tokenFile|rate):)/g, '') });
  const { admin, mirror } = (await loadConfig({ env: {}, cwd })).config;
  t.equal(admin.tokenFile, '/etc/relay/admin.token');
  t.equal(mirror.wan.rate, 2_500_000);
});

t.test('every key is in both, with its meaning', async (t) => {
  for (const { name, label, variable, description, expects } of KEYS) {
    t.match(exampleYaml(), new RegExp(`# ${RegExp.escape(description)}\n +(# )?${label}: `), name);
    t.ok(configurationReference().includes(`| \`${name}\` | \`${variable}\` | ${expects} | `), name);
  }
});
