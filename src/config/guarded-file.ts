import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/**
 * The text of a file that must be in good hands. `secret`: nobody but its owner and its group may read it, nobody but its
 * owner write it. `public`: not everybody may write it. The group may read, so that a file of root's can be the relay's to
 * read and not to change. Throws what the system says, or an error that says what is wrong and how to put it right.
 */
export async function readGuardedFile(file: string, kind: 'secret' | 'public'): Promise<string> {
  // A FIFO would be waited for.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat();
  if (!stats.isFile()) throw new Error('it is no regular file');
  refuseMode(file, stats.mode, kind);
  return await handle.readFile('utf8');
}

/**
 * The bytes of a configuration: by the rule for what is `public`, for whoever can write it says where updates come from.
 * It may be a pipe. Throws as `readGuardedFile` does.
 */
export async function readConfigFile(file: string): Promise<Buffer> {
  await using handle = await open(file);
  refuseMode(file, (await handle.stat()).mode, 'public');
  return await handle.readFile();
}

function refuseMode(file: string, bits: number, kind: 'secret' | 'public'): void {
  const mode = bits & 0o777;
  const tooMuch = kind === 'secret' ? mode & 0o027 : mode & 0o002;
  if (tooMuch !== 0)
    throw new Error(`${inWords(tooMuch)} (mode ${octal(mode)}); chmod ${octal(mode & ~tooMuch)} ${file}`);
}

function inWords(tooMuch: number): string {
  if (tooMuch & 0o002) return 'everybody on this host may write it';
  if (tooMuch & 0o005) return 'everybody on this host may read it';
  return 'its group may write it';
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
