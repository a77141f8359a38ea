import type { Contender } from './contender.ts';

const vcl = (origin: string): string => `
vcl 4.1;
backend source { .host = "${origin.split(':')[0]}"; .port = "${origin.split(':')[1]}"; }
sub vcl_backend_response { set beresp.ttl = 1d; }
`;

/** Varnish, with everything in memory. */
export const varnish: Contender = {
  name: 'Varnish',
  role: 'cache',
  needs: { program: 'varnishd', package: 'varnish' },
  version: ['varnishd', '-V'],
  launch: ({ folder, port, origin }) => ({
    command: [
      'varnishd',
      '-F',
      '-n',
      `${folder}/work`,
      '-a',
      `127.0.0.1:${port}`,
      '-f',
      `${folder}/site.vcl`,
      '-s',
      'malloc,4G',
      // A thread an active client; the default of 5,000 a pool is enough, two pools are one too many for one core.
      '-p',
      'thread_pools=1',
      '-p',
      'timeout_idle=60',
      '-p',
      'listen_depth=16384',
    ],
    files: { 'site.vcl': vcl(origin) },
    folders: ['work'],
  }),
};
