import { parseByteranges } from './byteranges.ts';
import { readAnswers, refusalFlaw, shown } from './read-answers.ts';

/** What a relay may answer to a stranger, whatever the stranger sends: nothing is the relay's own fault. */
const STATUSES: ReadonlySet<number> = new Set([200, 206, 304, 400, 403, 404, 405, 408, 412, 414, 416, 431]);

/** The contents of a table, by their ETag. */
export type Contents = ReadonlyMap<string, Buffer>;

/** What came back over one connection: the statuses, or what is wrong, in words. */
export type Verdict = { readonly statuses: number[] } | string;

/**
 * Judges the bytes that came back over one connection to the agents' listener. Each answer is whole, has one of the statuses
 * above, and a body that is content of the table, slices of it as announced, or a refusal. `heads`: see `headsIn`.
 */
export function judgeAnswers(bytes: Buffer, contents: Contents, heads = 0): Verdict {
  const answers = readAnswers(bytes, STATUSES, heads);
  if (typeof answers === 'string') return answers;
  for (const { status, fields, body } of answers) {
    const flaw = body && bodyFlaw(status, fields, body, contents);
    if (flaw !== undefined) return flaw;
  }
  return { statuses: answers.map(({ status }) => status) };
}

function bodyFlaw(
  status: number,
  fields: ReadonlyMap<string, string>,
  body: Buffer,
  contents: Contents,
): string | undefined {
  if (status !== 200 && status !== 206) return refusalFlaw(body);
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
