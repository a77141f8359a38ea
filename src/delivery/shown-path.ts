import { PRIVATE_PATH } from '../ports/pull-through.ts';

/** The file of domain settings, in whatever case and however escaped. */
const SETTINGS_FILE = 'ofcscan.ini';

/**
 * What the log shows of a path, or of a request target that never became one: all of it, unless somebody asks for domain
 * settings. Not even of which domains there are the log tells, and that holds for requests that are refused, too.
 */
export function shownPath(path: string): string {
  const plain = path.includes('%') ? unescaped(path) : path;
  return plain.toLowerCase().includes(SETTINGS_FILE) ? PRIVATE_PATH : path;
}

/** Without percent-encoding; byte by byte, as what was refused may be no UTF-8. */
function unescaped(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
