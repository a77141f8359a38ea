// Is the relay alive? With `readyz`: has it something to serve? No shell, no curl: the image need not have either. Exit 0 or 1, as HEALTHCHECK wants.
const port = process.env.RELAY_ADMIN__PORT ?? '8081';
const host = process.env.RELAY_ADMIN__HOST ?? '127.0.0.1';
// A wildcard is an address to listen on, not one to call.
const target = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
const question = process.argv[2] ?? 'livez';
try {
  const answer = await fetch(`http://${target}:${port}/${question}`, { signal: AbortSignal.timeout(4000) });
  process.exit(answer.ok ? 0 : 1);
} catch {
  process.exit(1);
}
