import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { planSteps } from '../../src/agent/plan.ts';
import { type Manifest, parseManifest } from '../../src/manifest/manifest.ts';
import { signaturePath } from '../../src/manifest/path.ts';
import { now } from '../now.ts';
import { TREE } from '../site/write-site.ts';
import { agentAddress } from './agent-address.ts';
import { type Connection, openConnection } from './connection.ts';

export interface BranchDay {
  readonly port: number;
  readonly root: string;
  readonly agents: number;
  /** Milliseconds after which an agent that was told to wait, or was cut, asks again. */
  readonly again: number;
  /** Milliseconds each agent gives it. */
  readonly patience: number;
}

/** What the day came to. */
export interface BranchDayResult {
  readonly current: number;
  /** Of agents that became current: ms from the beginning; their patience, where none did. */
  readonly lastAfter: number;
  readonly medianAfter: number;
  /** Objects that came with a byte that is not the release's. */
  readonly wrong: number;
  /** Body bytes all agents received. */
  readonly bytes: number;
  /** Bytes of different objects that some agent asked for. */
  readonly uniqueBytes: number;
  readonly cpuShare: number;
}

/**
 * A branch whose agents were told to update, all at the same moment. Of each component some agents are one step behind,
 * some two, and so on as far as its incrementals reach; some agents are new. So every object of the release is wanted.
 */
export async function runBranchDay(day: BranchDay): Promise<BranchDayResult> {
  const manifest = parseManifest(readFileSync(join(day.root, TREE, 'server.ini')));
  const files = releaseFiles(day.root, manifest);
  const asked = new Set<string>();
  const cpuBefore = process.cpuUsage();
  const beganAt = now();
  const outcomes = await Promise.all(
    Array.from({ length: day.agents }, (_, n) => runAgent(n, { ...day, files, manifest, asked, beganAt })),
  );
  const { user, system } = process.cpuUsage(cpuBefore);
  const after = outcomes
    .flatMap(({ currentAt }) => (currentAt === null ? [] : currentAt - beganAt))
    .sort((a, b) => a - b);
  return {
    current: after.length,
    lastAfter: after.at(-1) ?? day.patience,
    medianAfter: after[after.length >> 1] ?? day.patience,
    wrong: outcomes.reduce((sum, { wrong }) => sum + wrong, 0),
    bytes: outcomes.reduce((sum, { bytes }) => sum + bytes, 0),
    uniqueBytes: [...asked].reduce((sum, path) => sum + (files.get(path)?.length ?? 0), 0),
    cpuShare: (user + system) / 1000 / (now() - beganAt),
  };
}

interface Branch extends BranchDay {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly manifest: Manifest;
  readonly asked: Set<string>;
  readonly beganAt: number;
}

interface AgentOutcome {
  readonly currentAt: number | null;
  readonly bytes: number;
  readonly wrong: number;
}

async function runAgent(n: number, branch: Branch): Promise<AgentOutcome> {
  const deadline = branch.beganAt + branch.patience;
  let connection: Connection | undefined;
  let bytes = 0;
  let wrong = 0;

  /** Fetches one object to its end, whatever it takes; false when time was up. */
  async function fetch(path: string): Promise<boolean> {
    const expected = branch.files.get(path);
    if (!expected) return true; // it has no signature
    branch.asked.add(path);
    let have = 0;
    let etag: string | null = null;
    while (now() < deadline) {
      if (!connection?.alive) connection = openConnection(branch.port, '127.0.0.1', agentAddress(n));
      const { close } = connection;
      const late = setTimeout(close, deadline - now());
      const begin = have;
      let right = true;
      const got = await connection.get(`/${TREE}/${path}`, {
        headers: begin > 0 && etag !== null ? { Range: `bytes=${begin}-`, 'If-Range': etag } : {},
        onBody(piece, position) {
          const from = begin + position;
          if (piece.compare(expected, from, from + piece.length) !== 0) right = false;
        },
      });
      clearTimeout(late);
      bytes += got.bytes;
      if (!right) wrong += 1;
      const fits = got.status === (begin > 0 ? 206 : 200) && right;
      if (fits && begin + got.bytes === expected.length) return true;
      have = fits ? begin + got.bytes : 0;
      etag = got.etag;
      await pause(Math.min(branch.again, Math.max(0, deadline - now())));
    }
    return false;
  }

  const wanted = ['server.ini', ...pathsFor(n, branch.manifest)];
  for (const path of wanted) {
    if (!(await fetch(path))) return { currentAt: null, bytes, wrong };
  }
  connection?.close();
  return { currentAt: now(), bytes, wrong };
}

/** What agent `n` fetches: objects in the order of the index, each with its signature. */
function pathsFor(n: number, manifest: Manifest): string[] {
  const behind = n % GROUPS;
  const held = new Map(
    manifest.components.flatMap(({ id, full, incrementals }) => {
      const version = incrementals[behind]?.version ?? full.version;
      return behind === GROUPS - 1 || version === null ? [] : [[id, version] as const];
    }),
  );
  return planSteps(manifest, ['patterns', 'engines'], held, new Set()).flatMap(({ object }) =>
    object === null ? [] : [object.path, signaturePath(object.path)],
  );
}

/** One more than the most incrementals of a component (18): each step back has its agents, and the last of them are new. */
const GROUPS = 19;

/** By path as the index writes it. */
function releaseFiles(root: string, { components }: Manifest): Map<string, Buffer> {
  const objects = components.flatMap(({ full, incrementals }) => [full, ...incrementals]);
  const paths = new Set(['server.ini', ...objects.flatMap(({ path }) => [path, signaturePath(path)])]);
  const present = [...paths]
    .map((path) => [path, join(root, TREE, path)] as const)
    .filter(([, file]) => existsSync(file));
  return new Map(present.map(([path, file]) => [path, readFileSync(file)]));
}
