import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { listens } from './nginx.ts';
import { findTool } from './tool.ts';

/** A proxy from Debian. */
export interface Tinyproxy {
  readonly url: string;
  /** Its log of requests, a line each. */
  requests(): string[];
}

/** Starts tinyproxy, which wants `credentials` (`user:password`), with everything of its own in `folder`; gone with the test. */
export async function tinyproxy(
  t: { teardown(end: () => unknown): void },
  folder: string,
  credentials: string,
): Promise<Tinyproxy> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const log = join(folder, 'log');
  const file = join(folder, 'tinyproxy.conf');
  writeFileSync(
    file,
    `Port ${port}\nListen 127.0.0.1\nAllow 127.0.0.1\nLogFile "${log}"\nLogLevel Connect\nBasicAuth ${credentials.replace(':', ' ')}\n`,
  );
  const child = spawn(findTool('tinyproxy') ?? '', ['-d', '-c', file], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await eventually('tinyproxy listens', () => child.exitCode !== null || listens(port));
  if (child.exitCode !== null) throw new Error('tinyproxy did not start');
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.includes('Request (')),
  };
}
