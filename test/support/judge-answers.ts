import { parseByteranges } from './byteranges.ts';

/** What a relay may answer to a stranger, whatever the stranger sends: nothing is the relay's own fault. */
const STATUSES: ReadonlySet<number> = new Set([200, 206, 304, 400, 403, 404, 405, 408, 412, 414, 416, 431]);

/** The contents of a table, by their ETag. */
export type Contents = ReadonlyMap<string, Buffer>;

/**
 * What is wrong with the bytes that came back over one connection, in words; undefined when nothing is. Each answer is
 * whole, has one of the statuses above, and a body that is content of the table, slices of it as announced, or a refusal.
 */
export function judgeAnswers(bytes: Buffer, contents: Contents): { readonly statuses: number[] } | string {
  const statuses: number[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return `a header without an end: ${shown(rest)}`;
    const [statusLine = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? 0);
    if (!STATUSES.has(status)) return `a status that is none of the relay’s: ${shown(rest)}`;
    statuses.push(status);
    const fields = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
    const length = Number(fields.get('content-length') ?? 0);
    rest = rest.subarray(end + 4);
    // An answer to HEAD, and 304, have a length and no body.
    const bodiless = status === 304 || rest.length === 0 || rest.subarray(0, 9).equals(Buffer.from('HTTP/1.1 '));
    if (bodiless) continue;
    if (rest.length < length) return `${length} bytes announced, ${rest.length} came`;
    const flaw = bodyFlaw(status, fields, rest.subarray(0, length), contents);
    if (flaw !== undefined) return flaw;
    rest = rest.subarray(length);
  }
  return { statuses };
}

function bodyFlaw(
  status: number,
  fields: ReadonlyMap<string, string>,
  body: Buffer,
  contents: Contents,
): string | undefined {
  if (status !== 200 && status !== 206) {
    const { error } = JSON.parse(body.toString()) as { error?: string };
    return error?.startsWith('RLY_') && error !== 'RLY_INTERNAL' ? undefined : `a refusal that is none: ${shown(body)}`;
  }
  const content = contents.get(fields.get('etag') ?? '');
  if (!content) return `content that is in no table: ${shown(body)}`;
  if (status === 200) return body.equals(content) ? undefined : `other bytes than the table’s: ${shown(body)}`;
  const type = fields.get('content-type') ?? '';
  const parts = type.startsWith('multipart/')
    ? parseByteranges(type, body).map(({ range, data }) => ({ range, data }))
    : [{ range: fields.get('content-range') ?? '', data: body }];
  const wrong = parts.find(({ range, data }) => {
    const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? [];
    return Number(total) !== content.length || !data.equals(content.subarray(Number(first), Number(last) + 1));
  });
  return wrong && `a slice that is not what it says: ${wrong.range}`;
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 200));
}
