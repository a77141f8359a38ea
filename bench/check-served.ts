import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Running } from './contenders/start-contender.ts';
import { openConnection } from './load/connection.ts';
import type { Site } from './site/write-site.ts';

/** Asks for every object of a site and compares every byte; a cache has it afterwards. Throws at the first that is wrong. */
export async function checkServed({ contender, port }: Running, { root, paths }: Site): Promise<void> {
  const connection = openConnection(port);
  for (const path of paths) {
    const expected = readFileSync(join(root, path));
    let right = true;
    const { status, bytes } = await connection.get(path, {
      onBody(piece, position) {
        right &&= piece.compare(expected, position, position + piece.length) === 0;
      },
    });
    if (status !== 200 || bytes !== expected.length || !right) {
      throw new Error(
        `${contender.name} answers ${path} with ${status} and ${bytes} bytes of ${expected.length}, right: ${right}`,
      );
    }
  }
  connection.close();
}
