import type { LabFile, Release } from '../../src/lab/release.ts';
import { withServerSection } from '../../src/manifest/server-section.ts';
import type { RelayProcess } from './relay-process.ts';
import { mirroredFiles } from './release-truth.ts';

export interface AgentsView {
  /** The number of the release whose index agents get; null where they get 503 with Retry-After, as before the first. */
  readonly release: number | null;
  /** Everything that is not what that release has; `PATH: STATUS` where it is no 200. */
  readonly wrong: readonly string[];
}

/** The file an update fetches last. */
export function largestFile(release: Release): LabFile {
  return mirroredFiles(release).reduce((largest, file) => (file.size > largest.size ? file : largest));
}

/** Reads index and files as an agent does and compares them, byte for byte, with those of one of the releases; of the files those that `chosen` takes. */
export async function agentsView(
  { agentsUrl }: RelayProcess,
  released: readonly Release[],
  chosen: (file: LabFile, at: number) => boolean = () => true,
): Promise<AgentsView> {
  const source = `${agentsUrl}/activeupdate`;
  const answer = await fetch(`${source}/server.ini`);
  const index = Buffer.from(await answer.arrayBuffer());
  if (answer.status === 503 && answer.headers.has('retry-after')) return { release: null, wrong: [] };
  const release = released.find((candidate) => index.equals(withServerSection(candidate.index, 'comment')));
  if (!release) return { release: null, wrong: [`server.ini: ${answer.status}`] };
  const wrong: string[] = [];
  for (const file of mirroredFiles(release).filter(chosen)) {
    const { status, bytes } = await take(`${source}/${file.path}`);
    if (status !== 200) wrong.push(`${file.path}: ${status}`);
    else if (!bytes.equals(await file.read())) wrong.push(file.path);
  }
  return { release: release.number, wrong };
}

async function take(url: string): Promise<{ status: number; bytes: Buffer }> {
  const answer = await fetch(url);
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
}
