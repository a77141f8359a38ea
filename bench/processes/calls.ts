/** What a child process can be asked to do, by name. Inputs and outputs cross a pipe as JSON. */
export type Calls = Record<string, (input: never) => Promise<unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

interface Reply {
  readonly id: number;
  readonly output?: unknown;
  readonly error?: string;
}

/** In the child: answers its parent's calls, and ends with it. */
export function serveCalls(calls: Calls): void {
  process.on('message', ({ id, name, input }: Question) => {
    void reply(id, calls[name], input).then((answer) => process.send?.(answer));
  });
  process.on('disconnect', () => process.exit(0));
}

async function reply(id: number, call: Calls[string] | undefined, input: unknown): Promise<Reply> {
  try {
    return { id, output: await call?.(input as never) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** In the parent: one child, asked. */
export interface Caller<C extends Calls> {
  readonly call: <K extends keyof C & string>(name: K, input: Parameters<C[K]>[0]) => ReturnType<C[K]>;
  /** Takes what the child sends. */
  readonly hear: (reply: Reply) => void;
  /** Rejects what is not answered yet: the child has ended. */
  readonly fail: (reason: string) => void;
}

/** `send` is the child's. */
export function createCaller<C extends Calls>(send: (question: Question) => void): Caller<C> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let count = 0;
  return {
    call(name, input) {
      const promised = Promise.withResolvers<unknown>();
      count += 1;
      waiting.set(count, promised);
      send({ id: count, name, input });
      return promised.promise as ReturnType<C[typeof name]>;
    },
    hear({ id, output, error }) {
      const promised = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) promised?.resolve(output);
      else promised?.reject(new Error(error));
    },
    fail(reason) {
      for (const promised of waiting.values()) promised.reject(new Error(reason));
      waiting.clear();
    },
  };
}
