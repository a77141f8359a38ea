import { join } from 'node:path';
import t from 'tap';
import { run } from '../storage/child.ts';
import { needs } from '../support/tool.ts';

// Milliseconds. It takes a minute, and two more where the stand-in for the base image has to be made.
t.setTimeout(900_000);

const { skip } = needs('bash', 'buildah', 'debootstrap', 'curl', 'npm', 'pgrep', 'setpriv', 'unshare');
const options = { skip: skip || (process.getuid?.() !== 0 && 'needs root') };

t.test('the image builds and serves, as nobody, read-only and without a shell', options, async (t) => {
  const startedAt = performance.now();
  const env = { ...process.env, NODE: process.execPath, NODE_OPTIONS: '' };
  const { code, stdout, stderr } = await run(
    ['bash', join(import.meta.dirname, 'image.sh')],
    (child) => t.teardown(() => child.kill()),
    { env },
  );
  // 77 is "skipped", as test drivers of Automake have it.
  if (code === 77) t.pass('the image', { skip: stdout.trim() });
  else t.equal(code, 0, `${Math.round((performance.now() - startedAt) / 1000)} s`, { stdout, stderr });
});
