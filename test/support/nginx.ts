import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { findTool } from './tool.ts';

/** A plain web server: nginx as it comes, on the files of a folder. */
export interface Nginx {
  /** `http://127.0.0.1:4711` */
  readonly url: string;
  /** One line an answer that has ended: `GET /officescan/download/server.ini 200`. */
  requests(): string[];
}

/** Starts nginx on the folder `documents`, with everything of its own in `folder`; gone when the test ends. */
export async function nginx(
  t: { teardown(end: () => unknown): void },
  folder: string,
  documents: string,
): Promise<Nginx> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, documents, port));
  const child = spawn(findTool('nginx') ?? '', ['-e', 'stderr', '-p', folder, '-c', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await eventually('nginx listens', () => child.exitCode !== null || listens(port));
  if (child.exitCode !== null) throw new Error('nginx did not start; its own words are on standard error');
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => readFileSync(join(folder, 'access.log'), 'utf8').split('\n').filter(Boolean),
  };
}

// One process as the user of the test: workers under another one could not read a temporary folder.
const configuration = (folder: string, documents: string, port: number): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 64; }
http {
  log_format short '$request_method $uri $status';
  access_log ${folder}/access.log short;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server { listen 127.0.0.1:${port}; root ${documents}; }
}
`;

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
