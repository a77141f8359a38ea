import { join } from 'node:path';
import t from 'tap';
import { run } from '../storage/child.ts';
import { needs } from '../support/tool.ts';

// Milliseconds. The short form takes half a minute, and more on a busy machine.
t.setTimeout(900_000);

t.test(
  'what tools of others find: slowhttptest, nmap, aria2, curl, testssl.sh',
  needs('bash', 'curl', 'awk'),
  async (t) => {
    const env = { ...process.env, NODE: process.execPath, NODE_OPTIONS: '', SECONDS_EACH: '5' };
    const { stdout, stderr } = await run(
      ['bash', join(import.meta.dirname, 'outside.sh')],
      (child) => t.teardown(() => child.kill()),
      { env },
    );
    const rows = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' | '));
    for (const [drill = '', result = '', detail = ''] of rows) {
      if (result === 'skipped') t.pass(drill, { skip: detail });
      else t.equal(result, 'passed', `${drill}: ${detail}`, { stderr });
    }
    t.ok(
      rows.some(([drill]) => drill === 'the relay after it all'),
      'it came to its end',
      { stderr },
    );
  },
);
