import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { type Relay, startRelay } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { LabServer } from '../../src/lab/lab-server.ts';
import { createCatalogue } from '../../src/lab/release.ts';
import { agentsTable } from './agents-table.ts';
import type { Contents } from './judge-answers.ts';
import { labServerFor } from './lab-server-for.ts';
import { relayEnv } from './relay-for.ts';
import { trimmedRelease } from './trimmed-release.ts';

/** A host that nobody has any business with. */
export interface Bystander {
  readonly url: string;
  readonly host: string;
  /** Connections that were made to it. */
  readonly connections: number;
}

/** A relay with a small release in it, its source, and somebody it could be turned against. */
export interface AttackedRelay {
  readonly relay: Relay;
  readonly lab: LabServer;
  readonly bystander: Bystander;
  /** Of the agents' listener, on 127.0.0.1. */
  readonly port: number;
  /** What an agent may ask for: the index and every object, in one tree and the other. */
  readonly paths: readonly string[];
  /** Of the same, by ETag: nothing else may ever be answered. */
  readonly contents: Contents;
  /** Bugs the relay told of. */
  readonly bugs: readonly string[];
  /** How many answers to agents it told of. */
  readonly answered: () => number;
}

/** Starts one; everything ends with the test. Its source is not asked again by itself. */
export async function attackedRelay(t: Test, change: Readonly<Record<string, string>> = {}): Promise<AttackedRelay> {
  const bystander = await bystanderFor(t);
  const catalogue = createCatalogue({ shape: 'small', activeUpdateUrl: bystander.url });
  const release = trimmedRelease(catalogue.release(1), ['P.4', 'E.10']);
  const lab = await labServerFor(t, { kind: 'officeScanServer', release });
  const bugs: string[] = [];
  let answers = 0;
  const { config } = await loadConfig({
    env: { ...(await relayEnv(t, lab.url)), ...change },
    cwd: import.meta.dirname,
  });
  const relay = await startRelay(config, {
    // Nothing else is kept: a long run of the fuzzer would fill the memory with what it asked for.
    listeners: [
      (name, fields) => {
        if (name === 'error.internal') bugs.push(JSON.stringify(fields));
        if (name === 'agent.answered') answers += 1;
      },
    ],
  });
  t.teardown(() => relay.close('the test ends'));
  await relay.mirror.update('administrator');
  lab.reset();

  const { paths, contents } = await agentsTable(release);
  const port = Number(new URL(relay.agentsUrl).port);
  return { relay, lab, bystander, port, paths, contents, bugs, answered: () => answers };
}

async function bystanderFor(t: Test): Promise<Bystander> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}/activeupdate`,
    get connections() {
      return connections;
    },
  };
}
