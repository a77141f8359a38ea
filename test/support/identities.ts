import { hash } from 'node:crypto';
import type { LabServer } from '../../src/lab/lab-server.ts';
import type { LabFile, Release } from '../../src/lab/release.ts';
import type { StagedObject } from '../../src/ports/store.ts';

// An object is the same by its path and its bytes; a signature belongs to the index it came with, too (docs/protocol.md §4).
function identity(path: string, sha256: string, kind: string, index: string): string {
  return kind === 'signature' ? `${path} ${sha256} of ${index}` : `${path} ${sha256}`;
}

/** A staged object as the relay has it. */
export function stagedIdentity({ path, sha256, kind, index }: StagedObject): string {
  return identity(path, sha256, kind, index);
}

/** A file as the lab has it in this release. */
export async function fileIdentity(file: LabFile, release: Release): Promise<string> {
  return identity(file.path, hash('sha256', await file.read()), file.kind, hash('sha256', release.index));
}

/** What was asked of the lab since its last reset, while it had `release`; without the index, and what it does not have. */
export async function requestedIdentities(lab: LabServer, release: Release): Promise<string[]> {
  const files = lab.requests.map(({ path }) => release.files.get(path)).filter((file) => file !== undefined);
  return Promise.all(files.filter(({ kind }) => kind !== 'index').map((file) => fileIdentity(file, release)));
}
