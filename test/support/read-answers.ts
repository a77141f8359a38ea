/** One answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** By name in small letters. */
  readonly fields: ReadonlyMap<string, string>;
  /** As long as it was announced; undefined where there is none: 304, and answers to HEAD. */
  readonly body: Buffer | undefined;
}

/** How many requests for HEAD there are at most in what was sent: so many answers may have a length and no body. */
export function headsIn(sent: string): number {
  return sent.split('HEAD ').length - 1;
}

/**
 * Cuts what came back over one connection into answers; or what is wrong, in words: a header without an end, a status that
 * `statuses` does not have, an answer without a length or of another one. `heads` of them may be without the body announced.
 */
export function readAnswers(bytes: Buffer, statuses: ReadonlySet<number>, heads: number): WireAnswer[] | string {
  const answers: WireAnswer[] = [];
  let headsLeft = heads;
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return `a header without an end: ${shown(rest)}`;
    const [statusLine = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? 0);
    if (!statuses.has(status)) return `a status that is none of the relay’s: ${shown(rest)}`;
    const fields = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
    const said = rest;
    rest = rest.subarray(end + 4);
    if (status === 304) {
      answers.push({ status, fields, body: undefined });
      continue;
    }
    const length = Number(fields.get('content-length') ?? NaN);
    if (Number.isNaN(length)) return `an answer without a length: ${shown(said)}`;
    const isBare = rest.length === 0 || rest.subarray(0, 9).equals(Buffer.from('HTTP/1.1 '));
    if (headsLeft > 0 && isBare) {
      headsLeft -= 1;
      answers.push({ status, fields, body: undefined });
      continue;
    }
    if (rest.length < length) return `${length} bytes announced, ${rest.length} came: ${shown(said)}`;
    answers.push({ status, fields, body: rest.subarray(0, length) });
    rest = rest.subarray(length);
  }
  return answers;
}

/** What is wrong with the body of a refusal, in words: it names an error of the catalogue, and no bug of the relay's. */
export function refusalFlaw(body: Buffer): string | undefined {
  try {
    const { error } = JSON.parse(body.toString()) as { error?: string };
    if (error?.startsWith('RLY_') && error !== 'RLY_INTERNAL') return undefined;
  } catch {
    // Then it is none either.
  }
  return `a refusal that is none: ${shown(body)}`;
}

/** The beginning of some bytes, as a failure may print it. */
export function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 200));
}
