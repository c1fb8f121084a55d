import { BanyanError } from '@banyan/core';
import { isRowRefused } from './errors.js';

export interface GatherOptions<I, O> {
  /** One statement for all of them; its answers, in their order. */
  run(items: readonly I[]): Promise<readonly O[]>;
  /** Items with equal keys go one after the other: a statement changes a row once. Default: any go together. */
  readonly keyOf?: (item: I) => string;
  /** Most items of a statement. Default 200. */
  readonly max?: number;
  /** Most statements at once: one that hangs holds up some, not all. Default 2. */
  readonly atOnce?: number;
  /**
   * Most items that wait; who comes behind them is refused at once (`POSTGRES_UNAVAILABLE`): callers give up and come again, and those at
   * the end of a long line have gone when it is their turn. Default 1,000.
   */
  readonly maxWaiting?: number;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (answer: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Calls that share statements: what comes while others are under way goes with the next one. Nobody waits for company, so a lone
 * call takes no longer than by itself, and under load a statement, its commit and its round trip are paid once for many.
 *
 * A statement begins after the calls it answers, so nobody gets an answer from before his question. Where PostgreSQL refuses the
 * values of one item, each is tried alone: the others are none the worse for it.
 */
export function gather<I, O>(options: GatherOptions<I, O>): (item: I) => Promise<O> {
  const { run, keyOf, max = 200, atOnce = 2, maxWaiting = 1_000 } = options;
  let waiting: Waiting<I, O>[] = [];
  const busy = new Set<string>();
  let underWay = 0;
  let begun = false;

  /** The first ones that may go now, and their keys are taken. */
  const take = (): readonly Waiting<I, O>[] => {
    const taken: Waiting<I, O>[] = [];
    const left: Waiting<I, O>[] = [];
    for (const one of waiting) {
      const key = keyOf?.(one.item);
      if (taken.length < max && (key === undefined || !busy.has(key))) {
        if (key !== undefined) busy.add(key);
        taken.push(one);
      } else left.push(one);
    }
    waiting = left;
    return taken;
  };

  const answer = async (taken: readonly Waiting<I, O>[]): Promise<void> => {
    try {
      const answers = await run(taken.map(({ item }) => item));
      taken.forEach(({ resolve }, index) => {
        resolve(answers[index] as O);
      });
    } catch (error) {
      if (taken.length > 1 && isRowRefused(error)) for (const one of taken) await answer([one]);
      else for (const { reject } of taken) reject(error);
    }
  };

  const begin = (): void => {
    begun = false;
    while (underWay < atOnce && waiting.length > 0) {
      const taken = take();
      if (taken.length === 0) return;
      underWay += 1;
      void answer(taken).then(() => {
        underWay -= 1;
        if (keyOf !== undefined) for (const { item } of taken) busy.delete(keyOf(item));
        begin();
      });
    }
  };

  return (item) => {
    if (waiting.length >= maxWaiting) return Promise.reject(tooMany(waiting.length));
    const { promise, resolve, reject } = Promise.withResolvers<O>();
    waiting.push({ item, resolve, reject });
    if (!begun && underWay < atOnce) {
      begun = true;
      // The rest of this turn's calls join the first statement.
      setImmediate(begin);
    }
    return promise;
  };
}

function tooMany(waiting: number): BanyanError {
  return new BanyanError(
    'POSTGRES_UNAVAILABLE',
    `${waiting} others wait for PostgreSQL already; the same call may be repeated.`,
    { retryable: true, data: { waiting } },
  );
}
