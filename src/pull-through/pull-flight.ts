import type { Take } from '../ports/on-demand.ts';
import type { StoredResponse } from '../ports/store.ts';
import type { PullItem } from './allow-list.ts';
import { askSources, type Outcome } from './ask-sources.ts';
import type { StoredAnswer } from './freshness.ts';
import type { PullContext } from './pull-context.ts';
import type { Reception } from './reception.ts';

/** What can be answered: bytes that come or have just come, or what is stored. */
export type Arrival = { readonly take: Take; readonly answer: StoredAnswer } | Outcome;

/** One question to the sources, whoever waits for it. It belongs to nobody: when the agent that began it leaves, it goes on. */
export interface PullFlight {
  /** Milliseconds on the monotonic clock. */
  readonly began: number;
  /** Whether there was a copy when it began. */
  readonly hadCopy: boolean;
  /** The first thing that can be answered, now or later. Rejects with the error of `askSources`. */
  join(): Promise<Arrival>;
  /** What the sources said in the end; rejects as `join` does. */
  readonly over: Promise<Outcome>;
}

export interface FlightOrders {
  readonly item: PullItem;
  /** The copy that is here. */
  readonly present: StoredResponse | undefined;
  readonly signal: AbortSignal;
  /** Bytes of the item that have left turned out to be worthless, or are of another content than it has now. */
  readonly onChanged: () => void;
  /** What came with this tag has this SHA-256. */
  readonly onContent: (tag: string, sha256: string) => void;
}

export function startPullFlight(orders: FlightOrders, context: PullContext): PullFlight {
  const { item, present, signal } = orders;
  const { clock } = context;
  let coming: Reception | null = null;
  let news = Promise.withResolvers<void>();

  function turnTo(reception: Reception | null): void {
    coming = reception;
    news.resolve();
    news = Promise.withResolvers();
  }

  async function ask(): Promise<Outcome> {
    const outcome = await askSources(
      {
        item,
        present,
        signal,
        onReception: turnTo,
        onWorthless(reception, reason) {
          turnTo(null);
          if (reception.fail(reason)) orders.onChanged();
        },
      },
      context,
    );
    if (outcome.state === 'unchanged') return outcome;
    const { sha256 } = outcome.response;
    const tag = coming?.take()?.tag;
    if (tag !== undefined) orders.onContent(tag, sha256);
    if (present && present.sha256 !== sha256) orders.onChanged();
    return outcome;
  }

  const outcome = ask();
  return {
    began: clock.monotonic(),
    hadCopy: present !== undefined,
    over: outcome,
    async join() {
      for (;;) {
        const reception: Reception | null = coming;
        const take = reception?.take();
        if (!reception || !take) {
          const found = await Promise.race([outcome, news.promise]);
          if (found) return found;
          continue;
        }
        try {
          await take.arrival(0);
          return { take, answer: reception };
        } catch (error) {
          // Another source may be sending it by now.
          if (coming === reception) throw error;
        }
      }
    },
  };
}
