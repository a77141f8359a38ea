import type { Contender } from './contender.ts';

const records = (port: number): string => `
CONFIG proxy.config.http.server_ports STRING ${port}:ip-in=127.0.0.1
CONFIG proxy.config.admin.user_id STRING trafficserver
CONFIG proxy.config.crash_log_helper STRING NULL
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.net.connections_throttle INT 30000
CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 60
CONFIG proxy.config.http.cache.required_headers INT 0
CONFIG proxy.config.cache.ram_cache.size INT 4G
CONFIG proxy.config.cache.ram_cache_cutoff INT 128M
CONFIG proxy.config.cache.enable_read_while_writer INT 1
CONFIG proxy.config.http.background_fill_active_timeout INT 0
CONFIG proxy.config.http.background_fill_completed_threshold FLOAT 0.0
CONFIG proxy.config.cache.max_doc_size INT 0
CONFIG proxy.config.http.cache.max_open_read_retries INT 5
CONFIG proxy.config.http.cache.open_read_retry_time INT 10
CONFIG proxy.config.http.cache.open_write_fail_action INT 5
`;

const runroot = (folder: string): string => `
prefix: /usr
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/sbin
sysconfdir: ${folder}/etc
datadir: /usr/share
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
localstatedir: ${folder}/run
runtimedir: ${folder}/run
logdir: ${folder}/log
cachedir: ${folder}/cache
`;

const allow = `
ip_allow:
  - apply: in
    ip_addrs: 127.0.0.0/8
    action: allow
    methods: ALL
`;

/** Apache Traffic Server as its documentation sets it up for many readers of one fill: read-while-writer. */
export const trafficServer: Contender = {
  name: 'Traffic Server',
  role: 'cache',
  needs: { program: 'traffic_server', package: 'trafficserver' },
  version: ['traffic_server', '-V'],
  launch: ({ folder, port, origin }) => ({
    command: ['traffic_server', `--run-root=${folder}/runroot.yaml`],
    files: {
      'runroot.yaml': runroot(folder),
      'etc/records.config': records(port),
      'etc/remap.config': `map / http://${origin}/\n`,
      'etc/storage.config': `${folder}/cache 8G\n`,
      'etc/cache.config': 'url_regex=.* ttl-in-cache=1d\n',
      'etc/ip_allow.yaml': allow,
    },
    folders: ['run', 'log', 'cache'],
  }),
};
