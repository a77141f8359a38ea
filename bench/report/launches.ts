import { bareNode } from '../contenders/bare-node.ts';
import { nginxCache, nginxStatic } from '../contenders/nginx.ts';
import { relay } from '../contenders/relay.ts';
import { squid } from '../contenders/squid.ts';
import { trafficServer } from '../contenders/traffic-server.ts';
import { varnish } from '../contenders/varnish.ts';

const ALL = [relay({ adminPort: 8081 }), nginxStatic, nginxCache, varnish, trafficServer, squid, bareNode];

/** Commands and configurations of all contenders, with made-up places. */
export function launchesText(): string {
  return ALL.map((contender) => {
    const { command, files } = contender.launch({
      folder: '/bench',
      port: 8080,
      origin: '127.0.0.1:8000',
      root: '/site',
    });
    const texts = Object.entries(files).map(([name, text]) => `${name}:\n\n\`\`\`\n${text.trim()}\n\`\`\``);
    const line = command.map((word) => word.replace(/^.*\/(?=src\/main\.ts$|node$)/, '')).join(' ');
    return [`### ${contender.name}`, `\`\`\`sh\n${line}\n\`\`\``, ...texts].join('\n\n');
  }).join('\n\n');
}
