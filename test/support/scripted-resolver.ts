import diagnostics from 'node:diagnostics_channel';
import dns, { type LookupAddress } from 'node:dns';
import { isIPv6, type LookupFunction, type Socket } from 'node:net';
import { syncBuiltinESMExports } from 'node:module';

const { lookup } = dns;

/** What happened meanwhile. */
export interface ScriptedResolver {
  /** Names that were asked for. */
  readonly names: readonly string[];
  /** Addresses that a connection was tried to, by anybody in this process. */
  readonly tried: readonly string[];
}

/** The system's resolver gives these answers, each all addresses of a name, in order, the last one again and again; till the test ends. */
export function scriptedResolver(
  t: { teardown(end: () => unknown): void },
  answers: readonly (readonly string[])[],
): ScriptedResolver {
  const names: string[] = [];
  const tried: string[] = [];
  const resolve: LookupFunction = (name, options, callback) => {
    const found = answers[Math.min(names.length, answers.length - 1)] ?? [];
    names.push(name);
    const addresses: LookupAddress[] = found.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const [first] = addresses;
    if (options.all) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family);
  };
  const watch = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.on('connectionAttempt', (address: string) => void tried.push(address));
  };
  const put = (replacement: unknown): void => {
    Object.assign(dns, { lookup: replacement });
    syncBuiltinESMExports();
  };
  put(resolve);
  diagnostics.subscribe('net.client.socket', watch);
  t.teardown(() => {
    diagnostics.unsubscribe('net.client.socket', watch);
    put(lookup);
  });
  return { names, tried };
}
