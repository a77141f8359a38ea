import { isRelayError } from '../errors/relay-error.ts';
import type { Events } from '../ports/events.ts';
import type { CacheHandling, Pulled, PullTarget } from '../ports/pull-through.ts';
import type { Answer } from './answer.ts';
import { answerContent } from './answer-content.ts';
import { tellBroken } from './broken-blob.ts';
import { cacheStatus } from './cache-status.ts';
import type { Contents } from './contents.ts';
import { withKnownTags } from './known-tags.ts';
import type { ContentRequest } from './plan.ts';
import { refused } from './refused.ts';
import { outlineOfBlob, outlineOfTake } from './representation.ts';
import { withoutBlindRange } from './without-blind-range.ts';

interface PulledRequest extends ContentRequest {
  readonly id: string;
}

export interface PulledAnswersOptions {
  readonly contents: Contents;
  readonly events: Events;
}

/** Answers requests for what no index lists; `generation` is the number that answers carry. */
export type PulledAnswers = (request: PulledRequest, target: PullTarget, generation: number) => Promise<Answer>;

/**
 * HEAD is answered as GET is, and brings the content here as well: nothing but its source knows how long it is, and who asks
 * so is about to ask for it.
 */
export function createPulledAnswers({ contents, events }: PulledAnswersOptions): PulledAnswers {
  async function answerWith(
    request: PulledRequest,
    target: PullTarget,
    { content, handling, cacheControl }: Pulled,
    generation: number,
  ): Promise<Answer> {
    const place = { path: target.shown, kind: target.kind, generation };
    const fields = { 'Cache-Control': cacheControl, 'Cache-Status': cacheStatus(handling) };
    const heeded = target.hasChanged() ? withoutBlindRange(request) : request;
    const cache = cacheOf(handling);
    if ('tag' in content) return answerContent(heeded, outlineOfTake(place, content, fields), () => content, cache);
    const outline = outlineOfBlob(place, content, fields);
    return answerContent(withKnownTags(heeded, target), outline, () => contents.get(content), cache);
  }

  /** What is damaged on disk is a miss: it comes anew, for this very request. */
  async function answerHealed(request: PulledRequest, target: PullTarget, generation: number): Promise<Answer> {
    const pulled = await target.get();
    try {
      return await answerWith(request, target, pulled, generation);
    } catch (error) {
      if (!isRelayError(error, 'RLY_STORAGE_BLOB_BROKEN') || 'tag' in pulled.content) throw error;
      const { sha256 } = pulled.content;
      // A hash of what is secret would tell whoever guesses it that he is right.
      if (target.kind === 'hotfix') tellBroken(events, sha256, error);
      else events.emit('blob.broken', { sha256: target.shown, reason: 'it is damaged' });
      await target.lost(sha256);
      return answerWith(request, target, await target.get(), generation);
    }
  }

  return async (request, target, generation) => {
    try {
      return await answerHealed(request, target, generation);
    } catch (error) {
      if (!isRelayError(error) || error.fault === 'internal') throw error;
      return refused(request, error, generation);
    }
  };
}

function cacheOf({ fwd, fwdStatus, collapsed, detail }: CacheHandling): Answer['cache'] {
  if (fwd === null) return detail === null ? 'hit' : 'stale';
  if (fwdStatus === 304) return 'hit';
  return collapsed ? 'collapsed' : 'miss';
}
