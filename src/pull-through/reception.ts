import { randomBytes } from 'node:crypto';
import type { RelayError } from '../errors/relay-error.ts';
import { type FollowedWriter, followedWriter } from '../flight/followed-writer.ts';
import { createGrowingContent, type GrowingContent } from '../flight/growing-content.ts';
import type { Take } from '../ports/on-demand.ts';
import type { BlobStore, BlobWriter } from '../ports/store.ts';
import type { ObjectSink, ResourceHead } from '../upstream/upstream.ts';

/** The bytes of one answer on their way to the disk, followed by those who wait for them. */
export interface Reception extends ResourceHead {
  /** When it began. Milliseconds since the epoch. */
  readonly at: number;
  readonly writer: BlobWriter;
  readonly sink: ObjectSink;
  /** For those who follow; null as long as nobody knows how many bytes there will be. */
  take(): Take | null;
  /** The whole is here and proven: it becomes a blob, and all of it may leave. */
  readonly commit: BlobWriter['commit'];
  /** It is worth nothing: whoever has bytes of it is cut. Answers whether somebody may have. */
  fail(error: RelayError): boolean;
}

export function createReception(
  head: ResourceHead & Pick<Reception, 'at'>,
  given: BlobWriter,
  blobs: Pick<BlobStore, 'open'>,
): Reception {
  const writer = followedWriter(given, blobs);
  let growing = head.length === null ? null : grow(head.length, writer);
  // What an earlier download brought.
  if (writer.size > 0) growing?.grewTo(writer.size);
  return {
    ...head,
    writer,
    sink: {
      get size() {
        return writer.size;
      },
      async write(chunk) {
        await writer.write(chunk);
        growing?.grewTo(writer.size);
      },
      restart: () => writer.restart(),
    },
    take: () => growing,
    async commit(announce) {
      const blob = await writer.commit(announce);
      growing ??= grow(blob.size, writer);
      growing.proven();
      return blob;
    },
    fail(error) {
      growing?.fail(error);
      return growing?.released ?? false;
    },
  };
}

function grow(size: number, from: FollowedWriter): GrowingContent & Take {
  return Object.assign(createGrowingContent({ size, from }), { tag: randomBytes(16).toString('hex') });
}
