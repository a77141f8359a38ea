import type { Contender, Setting } from './contender.ts';

// What an administrator who cares about speed writes; nothing is left at a default that would slow it down.
const configuration = (http: string, server: string, { port, folder }: Setting): string => `
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 16384; }
http {
  access_log off;
  sendfile on;
  keepalive_timeout 60s;
  keepalive_requests 1000000000;
  default_type application/octet-stream;
  open_file_cache max=1000 inactive=60s;
  ${['client_body', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  proxy_temp_path ${folder}/proxy;
  ${http}
  server {
    listen 127.0.0.1:${port} backlog=16384;
    ${server}
  }
}
`;

const common = {
  needs: { program: 'nginx', package: 'nginx-light' },
  version: ['nginx', '-v'],
} as const;

const command = ({ folder }: Setting) => ['nginx', '-e', 'stderr', '-p', folder, '-c', `${folder}/nginx.conf`] as const;

/** The site as files: what no mirror can beat. */
export const nginxStatic: Contender = {
  ...common,
  name: 'nginx static',
  role: 'static',
  launch: (setting) => ({
    command: command(setting),
    files: { 'nginx.conf': configuration('tcp_nopush on;', `root ${setting.root};`, setting) },
  }),
};

/** What administrators put in front of a server when they have no relay. */
export const nginxCache: Contender = {
  ...common,
  name: 'nginx proxy_cache',
  role: 'cache',
  launch(setting) {
    const { folder, origin } = setting;
    // Without tcp_nopush: with it, each answer of 100 KiB from the cache waited 40 ms for the client's acknowledgement.
    const http = `
  proxy_cache_path ${folder}/cache levels=1:2 keys_zone=site:10m max_size=8g inactive=1d use_temp_path=off;
  upstream source { server ${origin}; keepalive 16; }`;
    const server = `
    location / {
      proxy_pass http://source;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache site;
      proxy_cache_valid 200 1d;
      proxy_cache_lock on;
    }`;
    return {
      command: command(setting),
      files: { 'nginx.conf': configuration(http, server, setting) },
      folders: ['cache'],
    };
  },
};
