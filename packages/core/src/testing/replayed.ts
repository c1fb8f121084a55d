import { BanyanError } from '../errors.js';
import { digest } from './digest.js';

/** A question that code under test asked of its surroundings. */
export interface Question {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What it was answered: a value, or an error by its code. */
export type Answer = { readonly value: unknown } | { readonly code: string; readonly retryable: boolean };

/** How far a run has come. */
export type Turn =
  | { readonly type: 'asks'; readonly question: Question }
  | { readonly type: 'returned'; readonly value: unknown }
  | { readonly type: 'threw'; readonly error: unknown };

export type Ask = <T>(name: string, ...args: readonly unknown[]) => Promise<T>;

/**
 * A real asynchronous function as an actor of a small world. Its state is a value: what it was given and what it was answered so far.
 * To find out what it asks next it runs again from its beginning over those answers; so it can be stopped, killed and gone on with at
 * each of its questions, in any number of worlds at once. It may depend on nothing but its arguments and answers: no clock, no chance. Arguments and answers are
 * plain JSON.
 */
export class Replayed<A> {
  readonly #run: (ask: Ask, args: A) => Promise<unknown>;
  readonly #turns = new Map<string, Turn>();

  constructor(run: (ask: Ask, args: A) => Promise<unknown>) {
    this.#run = run;
  }

  async turn(args: A, answers: readonly Answer[]): Promise<Turn> {
    const name = `${digest(args)} ${digest(answers)}`;
    const known = this.#turns.get(name);
    if (known !== undefined) return known;
    const turn = await this.#replay(args, answers);
    this.#turns.set(name, turn);
    return turn;
  }

  #replay(args: A, answers: readonly Answer[]): Promise<Turn> {
    const { promise, resolve } = Promise.withResolvers<Turn>();
    let asked = 0;
    const ask = <T>(name: string, ...questionArgs: readonly unknown[]): Promise<T> => {
      const answer = answers[asked];
      asked += 1;
      if (answer === undefined) {
        resolve({ type: 'asks', question: { name, args: questionArgs } });
        // Nobody answers in this run; the next one goes past here.
        return new Promise<T>(() => undefined);
      }
      if ('code' in answer) {
        return Promise.reject(new BanyanError(answer.code, answer.code, { retryable: answer.retryable }));
      }
      return Promise.resolve(answer.value as T);
    };
    this.#run(ask, args).then(
      (value) => resolve({ type: 'returned', value }),
      (error: unknown) => resolve({ type: 'threw', error }),
    );
    return promise;
  }
}
