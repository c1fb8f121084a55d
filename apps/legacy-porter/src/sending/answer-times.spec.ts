import { VirtualTime } from '@banyan/core/testing';
import type { LegacyAnswer, LegacyApi, SqlSender, SqlSent } from '@banyan/legacy';
import { describe, expect, it } from '@jest/globals';
import { AnswerTimes, measuredApi, measuredSqlSender } from './answer-times.js';

/** A target that takes `ms`, then answers this. */
async function taking<T>(time: VirtualTime, ms: number, answer: T): Promise<T> {
  return new Promise((resolve) => time.after(ms, () => resolve(answer)));
}

const REQUEST = { method: 'GET', path: '/' } as const;

describe('answer times', () => {
  it('are those of what legacy answered, also where it refused', async () => {
    const time = new VirtualTime();
    const times = new AnswerTimes(time);
    const answers: LegacyAnswer[] = [
      { type: 'answered', status: 200, headers: {}, body: '' },
      { type: 'answered', status: 422, headers: {}, body: '' },
      { type: 'throttled', status: 429, retryAfterMs: 1, reason: '' },
      { type: 'not-sent', reason: '' },
      { type: 'unclear', reason: '', said: { status: 503, body: '' } },
    ];
    const legacy: LegacyApi = {
      send: () => taking(time, 30, answers.shift() as LegacyAnswer),
      close: async () => undefined,
    };
    const api = measuredApi(legacy, times);
    for (let left = answers.length; left > 0; left -= 1) {
      const sent = api.send(REQUEST);
      await time.pass(30);
      await sent;
    }
    expect(times.take()).toEqual([
      { begunMs: 0, tookMs: 30 },
      { begunMs: 30, tookMs: 30 },
    ]);
    expect(times.take()).toEqual([]);
  });

  it('are those of whole transactions in a further database', async () => {
    const time = new VirtualTime();
    const times = new AnswerTimes(time);
    const sent: SqlSent[] = [
      { type: 'done', hash: null },
      { type: 'rejected', sqlState: '23505', words: '' },
      { type: 'not-sent', reason: '' },
      { type: 'unclear', reason: '' },
    ];
    const sender = measuredSqlSender(
      { send: () => taking(time, 7, sent.shift() as SqlSent) } as unknown as SqlSender,
      times,
    );
    for (let left = sent.length; left > 0; left -= 1) {
      const answer = sender.send({ key: 'k', version: 1, legacyId: '1', row: null, last: undefined });
      await time.pass(7);
      await answer;
    }
    expect(times.take().map(({ tookMs }) => tookMs)).toEqual([7, 7]);
  });
});
