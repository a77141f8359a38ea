import type { Release } from '../../src/lab/release.ts';

/**
 * The release as somebody would forge it who cannot change the index: at `path` lies another sound archive of the same
 * size. It is the right one with another name for its first entry, in both headers.
 */
export async function forgedRelease(release: Release, path: string): Promise<Release> {
  const file = release.files.get(path);
  if (!file) throw new Error(`${path} is not in the release`);
  const zip = Buffer.from(await file.read());
  const length = zip.readUInt16LE(26);
  const name = Buffer.from(zip.subarray(30, 30 + length)).map((byte) => (byte === 0x61 ? 0x62 : 0x61));
  zip.set(name, 30);
  zip.set(name, zip.indexOf('PK\x01\x02', 0, 'latin1') + 46);
  const forged = { ...file, etag: '"forged"', read: async () => zip };
  return { ...release, files: new Map(release.files).set(path, forged) };
}
