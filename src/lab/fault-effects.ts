import type { IncomingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Fault } from './faults.ts';
import { emptyAnswer, type LabAnswer, type LabContent, withoutRange } from './lab-answer.ts';

/** The request as a faulty server sees it. */
export function distortRequest(headers: IncomingHttpHeaders, faults: readonly Fault[]): IncomingHttpHeaders {
  return faults.some(({ kind }) => kind === 'rangesIgnored') ? withoutRange(headers) : headers;
}

/** The file as a faulty server has it. */
export function distortContent(content: LabContent, faults: readonly Fault[]): LabContent {
  return faults.reduce(contentUnder, content);
}

/** The answer as a faulty server sends it. */
export function distortAnswer(answer: LabAnswer, faults: readonly Fault[]): LabAnswer {
  return faults.reduce(answerUnder, answer);
}

const LOGIN_PAGE = `<!DOCTYPE html>
<html><head><title>Network sign-in</title></head><body><h1>Please sign in</h1><form method="post"></form></body></html>
`;

function contentUnder(content: LabContent, fault: Fault): LabContent {
  if (fault.kind === 'wrongSize') return { ...content, bytes: resized(content.bytes, fault.by) };
  if (fault.kind === 'wrongBytes') return { ...content, bytes: flipped(content.bytes) };
  if (fault.kind === 'noValidators') return { ...content, etag: null, lastModified: null };
  if (fault.kind === 'gzip') return { ...content, bytes: gzipSync(content.bytes), encoding: 'gzip' };
  if (fault.kind === 'portal') {
    return { ...content, bytes: Buffer.from(LOGIN_PAGE), type: 'text/html', etag: null, lastModified: null };
  }
  return content;
}

function answerUnder(answer: LabAnswer, fault: Fault): LabAnswer {
  if (fault.kind === 'slow') return { ...answer, bytesPerSecond: fault.bytesPerSecond };
  if (fault.kind === 'torn' || fault.kind === 'reset' || fault.kind === 'silent') {
    const contentLength = fault.length === false ? null : answer.contentLength;
    return { ...answer, contentLength, cut: { how: fault.kind, after: fault.after ?? null, when: fault.when ?? null } };
  }
  if (fault.kind === 'lyingLength') {
    // The connection cannot be used again: nobody knows where the next answer begins.
    const headers = { ...answer.headers, Connection: 'close' };
    return { ...answer, headers, contentLength: Math.max(0, answer.body.length + fault.by) };
  }
  if (fault.kind === 'status') {
    return emptyAnswer(fault.status, fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) });
  }
  return answer;
}

function resized(bytes: Buffer, by: number): Buffer {
  return by < 0 ? bytes.subarray(0, Math.max(0, bytes.length + by)) : Buffer.concat([bytes, Buffer.alloc(by)]);
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}
