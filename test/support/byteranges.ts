/** One part of a multipart/byteranges body. */
export interface BytePart {
  readonly type: string;
  /** Value of Content-Range. */
  readonly range: string;
  readonly data: Buffer;
}

/** Takes a multipart/byteranges body apart (RFC 2046 §5.1.1), with no tolerance for anything out of place. */
export function parseByteranges(contentType: string, body: Buffer): BytePart[] {
  const boundary = /^multipart\/byteranges; boundary=([\w'()+,./:=?-]{1,70})$/.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error(`no multipart: ${contentType}`);
  const sections = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`);
  const [preamble, ...rest] = sections;
  const epilogue = rest.pop();
  if (preamble !== '' || epilogue !== '--\r\n') throw new Error('the body does not begin or end with its boundary');
  return rest.map((section) => {
    const [, type, range, data] = /^\r\nContent-Type: (.*)\r\nContent-Range: (.*)\r\n\r\n([^]*)$/.exec(section) ?? [];
    if (type === undefined || range === undefined || data === undefined) throw new Error(`no part: ${section}`);
    return { type, range, data: Buffer.from(data, 'latin1') };
  });
}
