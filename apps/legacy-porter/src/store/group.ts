import { isBanyanError } from '@banyan/core';

interface Member<I, O> {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
}

/** So many go together at most. */
const MOST = 200;

/**
 * Group commit: what is asked for while a group is under way goes together in the next one. Nobody waits for company: who comes alone goes
 * alone, and at once.
 *
 * A group that fails for what one of its members asks (a row that the store refuses) is done again one by one, so that only this one fails. A
 * store that is away fails them all: of a commit nobody knows then whether it took place, and each of them finds out by itself.
 */
export class Group<I, O> {
  readonly #run: (items: readonly I[]) => Promise<readonly O[]>;
  #waiting: Member<I, O>[] = [];
  #running = false;

  /** @param run all or nothing; answers a result for each item, in their order */
  constructor(run: (items: readonly I[]) => Promise<readonly O[]>) {
    this.#run = run;
  }

  add(item: I): Promise<O> {
    const { promise, resolve, reject } = Promise.withResolvers<O>();
    this.#waiting.push({ item, resolve, reject });
    if (!this.#running) void this.#runAll();
    return promise;
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    // Those that ask in the same turn go along.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#together(this.#waiting.splice(0, MOST));
    this.#running = false;
  }

  async #together(members: readonly Member<I, O>[]): Promise<void> {
    try {
      const results = await this.#run(members.map(({ item }) => item));
      members.forEach(({ resolve }, at) => {
        resolve(results[at] as O);
      });
    } catch (error) {
      const isOneOfTheirs = !(isBanyanError(error) && error.retryable);
      if (isOneOfTheirs && members.length > 1) for (const member of members) await this.#together([member]);
      else for (const { reject } of members) reject(error);
    }
  }
}
