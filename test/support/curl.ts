import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface CurlAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What curl gets, in its own words for options; rejects when it fails. It waits for 10 s at most. */
export async function curl(...args: string[]): Promise<CurlAnswer> {
  const all = ['--silent', '--show-error', '--max-time', '10', '--include', ...args];
  const { stdout } = await promisify(execFile)('curl', all, { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
  const end = stdout.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = stdout.toString('latin1', 0, end).split('\r\n');
  const headers = lines
    .map((line) => line.split(/: */, 2))
    .map(([name = '', value = '']) => [name.toLowerCase(), value] as const);
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers), body: stdout.subarray(end + 4) };
}
