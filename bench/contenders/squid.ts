import type { Contender, Setting } from './contender.ts';

const configuration = ({ folder, port, origin }: Setting): string => {
  const [host, originPort] = origin.split(':');
  return `
http_port 127.0.0.1:${port} accel defaultsite=${origin}
cache_peer ${host} parent ${originPort} 0 no-query no-digest originserver name=source
http_access allow all
cache_mem 4 GB
maximum_object_size_in_memory 128 MB
maximum_object_size 1 GB
cache_dir ufs ${folder}/cache 8192 16 16
collapsed_forwarding on
range_offset_limit none
quick_abort_min -1 KB
refresh_pattern . 1440 100% 1440
client_idle_pconn_timeout 60 seconds
max_filedescriptors 16384
shutdown_lifetime 1 seconds
access_log none
cache_log ${folder}/log/cache.log
cache_store_log none
pid_filename ${folder}/log/squid.pid
coredump_dir ${folder}/log
pinger_enable off
visible_hostname bench
`;
};

/** Squid as an accelerator, with requests for one object collapsed into one. */
export const squid: Contender = {
  name: 'Squid',
  role: 'cache',
  needs: { program: 'squid', package: 'squid' },
  version: ['squid', '-v'],
  launch: (setting) => ({
    // Its folders are made by a run of their own, `-z`.
    command: [
      'sh',
      '-c',
      `squid -N -f ${setting.folder}/squid.conf -z && exec squid -N -f ${setting.folder}/squid.conf`,
    ],
    files: { 'squid.conf': configuration(setting) },
    folders: ['cache', 'log'],
  }),
};
