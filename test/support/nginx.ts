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

/** What a server asks of its clients beyond a path. */
export interface NginxAccess {
  readonly tls: { readonly key: string; readonly cert: string };
  /** `user:password`. */
  readonly credentials: string;
}

/** Starts nginx on the folder `documents`, with everything of its own in `folder`; gone when the test ends. */
export async function nginx(
  t: { teardown(end: () => unknown): void },
  folder: string,
  documents: string,
  access?: NginxAccess,
): Promise<Nginx> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    configuration(
      folder,
      `listen 127.0.0.1:${port}${access ? ' ssl' : ''}; root ${documents}; ${access ? guard(folder, access) : ''}`,
    ),
  );
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
    url: `${access ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests: () => readFileSync(join(folder, 'access.log'), 'utf8').split('\n').filter(Boolean),
  };
}

// One process as the user of the test: workers under another one could not read a temporary folder.
const configuration = (folder: string, server: string): string => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 64; }
http {
  log_format short '$request_method $uri $status';
  access_log ${folder}/access.log short;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server { ${server} }
}
`;

/** Writes the files that close a server to strangers, and answers the directives that name them. */
function guard(folder: string, { tls, credentials }: NginxAccess): string {
  writeFileSync(join(folder, 'cert.pem'), tls.cert);
  writeFileSync(join(folder, 'key.pem'), tls.key);
  writeFileSync(join(folder, 'passwords'), credentials.replace(':', ':{PLAIN}'));
  const files = `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;`;
  return `${files} auth_basic sources; auth_basic_user_file ${folder}/passwords;`;
}

export async function listens(port: number): Promise<boolean> {
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
