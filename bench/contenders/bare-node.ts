import type { Contender } from './contender.ts';
import { NODE } from './node.ts';

const server = (root: string, port: number): string => `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const objects = new Map();
createServer((request, response) => {
  let body = objects.get(request.url);
  if (!body) objects.set(request.url, (body = readFileSync(${JSON.stringify(root)} + request.url)));
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length });
  response.end(body);
}).listen(${port}, '127.0.0.1', 16384);
`;

/** No server at all: Node's own, which looks at nothing and sends a buffer. What no relay on Node can beat. */
export const bareNode: Contender = {
  name: 'bare Node',
  role: 'static',
  needs: null,
  version: [process.execPath, '--version'],
  launch: ({ folder, port, root }) => ({
    command: [...NODE, `${folder}/server.mjs`],
    files: { 'server.mjs': server(root, port) },
  }),
};
