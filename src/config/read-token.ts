import { RelayError } from '../errors/relay-error.ts';
import { readGuardedFile } from './guarded-file.ts';

/** Characters a token must have: 32 of base64 or hex cannot be guessed over the network. */
const SHORTEST_TOKEN = 32;

/** The admin token in `file`, or null without one. Throws RLY_ADMIN_TOKEN_UNUSABLE. */
export async function readToken(file: string | undefined): Promise<string | null> {
  if (file === undefined) return null;
  let token: string;
  try {
    token = (await readGuardedFile(file, 'secret')).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RelayError('RLY_ADMIN_TOKEN_UNUSABLE', { file, reason }, { cause: error });
  }
  if (token.length < SHORTEST_TOKEN) {
    const reason = `its token has ${token.length} characters, at least ${SHORTEST_TOKEN} are needed`;
    throw new RelayError('RLY_ADMIN_TOKEN_UNUSABLE', { file, reason });
  }
  return token;
}
