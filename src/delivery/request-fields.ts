/** What of a request's fields decides its answer, by name as Node's `IncomingHttpHeaders` has them. */
export type RequestFields = { readonly [N in FieldName]?: string };

type FieldName = 'if-match' | 'if-none-match' | 'if-range' | 'range' | 'via';

/** Most requests have none of them, and share this. */
const NONE: RequestFields = {};

/** A name or an address, and perhaps a port (RFC 9110 §7.2). Without the sub-delims and escapes that no host name has. */
const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Reads the fields of a request: those that matter, or what is wrong with them, in words. `rawHeaders`: names and values in turn,
 * looked at once; Node's own record of all of them is made at its first use only. A body, where there may be one, has a length.
 */
export function readFields(
  version: string,
  rawHeaders: readonly string[],
  mayHaveBody: boolean,
): RequestFields | { readonly flaw: string } {
  let fields: Partial<Record<FieldName, string>> = NONE;
  let hosts = 0;
  let host = '';
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    switch (name) {
      case 'host':
        hosts += 1;
        host = value;
        break;
      case 'transfer-encoding':
        return { flaw: mayHaveBody ? 'its body has no length' : 'it has a body' };
      case 'content-length':
        if (value !== '0' && !mayHaveBody) return { flaw: 'it has a body' };
        break;
      case 'upgrade':
      case 'expect':
        return { flaw: `it has the field ${name}` };
      case 'if-match':
      case 'if-none-match':
      case 'if-range':
      case 'range':
      case 'via': {
        if (fields === NONE) fields = {};
        const before = fields[name];
        // Lines of one name are one list (RFC 9110 §5.3).
        fields[name] = before === undefined ? value : `${before}, ${value}`;
        break;
      }
      default:
    }
  }
  if (hosts > 1) return { flaw: `it has ${hosts} Host fields` };
  if (hosts === 0) return version === '1.0' ? fields : { flaw: 'it has no Host field' };
  return HOST.test(host) ? fields : { flaw: `"${host}" is no host` };
}

/** The Host of a request that `readFields` found no flaw in; empty where HTTP/1.0 has none. */
export function hostOf(rawHeaders: readonly string[]): string {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  return at < 0 ? '' : (rawHeaders[at + 1] ?? '');
}
