/** A stretch of memory promised to one content. */
export interface MemoryClaim {
  /** As long as was asked for; its bytes are whatever was there before. */
  readonly buffer: Buffer;
  /** The buffer has the content with this hash, which may be answered from it from now on. */
  keep(sha256: string): void;
  /** Nobody needs it any more. */
  release(): void;
}

/** The memory for what is large and asked for often. */
export interface ContentMemory {
  /** Room for so many bytes; undefined where there is none to be had at the cost of what is asked for less. */
  claim(bytes: number): MemoryClaim | undefined;
}
