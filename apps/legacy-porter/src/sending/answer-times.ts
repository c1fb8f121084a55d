import type { Clock } from '@banyan/core';
import type { LegacyApi, SqlSender } from '@banyan/legacy';
import type { LegacyRow } from '@banyan/transformer';
import type { Answer } from './latency-limit.js';

/** With nobody who takes them away, the latest are kept. */
const KEPT = 1_000;

/** The answer times of one target, from the calls to who paces them. */
export class AnswerTimes {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #answers: Answer[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Those since the last call. */
  readonly take = (): readonly Answer[] => this.#answers.splice(0);

  /** Measures a call. Only an answer counts: what broke off or timed out says nothing of how long the target needs, and is told as a failure. */
  async measure<T>(call: () => Promise<T>, isAnswer: (result: T) => boolean): Promise<T> {
    const begunMs = this.#clock.monotonic();
    const result = await call();
    if (isAnswer(result)) this.#note({ begunMs, tookMs: this.#clock.monotonic() - begunMs });
    return result;
  }

  #note(answer: Answer): void {
    this.#answers.push(answer);
    if (this.#answers.length > KEPT) this.#answers.shift();
  }
}

/** The same API, measured: each request, so that a send of several is no slower than legacy is. */
export function measuredApi(api: LegacyApi, times: AnswerTimes): LegacyApi {
  return {
    send: (request, options) =>
      times.measure(
        () => api.send(request, options),
        ({ type }) => type === 'answered',
      ),
    close: () => api.close(),
  };
}

/** The same sender, measured: each transaction. */
export function measuredSqlSender<R extends LegacyRow>(sender: SqlSender<R>, times: AnswerTimes): SqlSender<R> {
  return {
    ...sender,
    send: (change, options) =>
      times.measure(
        () => sender.send(change, options),
        ({ type }) => type !== 'not-sent' && type !== 'unclear',
      ),
  };
}
