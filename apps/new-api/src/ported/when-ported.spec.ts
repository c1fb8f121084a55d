import { BanyanError, systemClock } from '@banyan/core';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Answer } from '../http/answer.js';
import type { PorterSends, SendReport } from './porter-sends.js';
import { waitOf, whenPorted } from './when-ported.js';

const done: Answer = { status: 201, headers: { etag: '"1"' }, body: { id: 'k', version: 1, status: 'placed' } };
const report = (state: SendReport['state'], over: Partial<SendReport> = {}): SendReport => ({
  state,
  legacyId: null,
  errorCode: null,
  message: null,
  ...over,
});

let asked: string[];
const { signal: due } = new AbortController();
let answers: (SendReport | Error)[];
/** The last answer is repeated. */
const sends: PorterSends = {
  send: async ({ entity, key, version }) => {
    asked.push(`${entity} ${key} ${version}`);
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next === undefined || next instanceof Error) throw next;
    return next;
  },
};
/** How many looks pass before V2 has the link. */
let linkedAfterLooks: number;
let looks: number;
/** How many looks the V2 store does not answer. */
let awayForLooks: number;
const store = {
  legacyIds: async (_entity: string, keys: readonly string[]) => {
    looks += 1;
    if (awayForLooks >= looks) throw new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true });
    return new Map(looks > linkedAfterLooks ? keys.map((key) => [key, '11078']) : []);
  },
};
const wait = (answer = done, deadlineMs = 1_000) =>
  whenPorted({ sends, store, clock: systemClock, portedDeadlineMs: 1_000, due }, 'order', answer, {
    deadlineMs,
    begun: systemClock.monotonic(),
  });

beforeEach(() => {
  asked = [];
  looks = 0;
  linkedAfterLooks = 0;
  awayForLooks = 0;
});

describe('whenPorted', () => {
  it('answers once legacy has it, with the legacy id', async () => {
    answers = [report('waiting'), report('sending'), report('ported', { legacyId: '11078' })];
    expect(await wait()).toEqual({
      status: 201,
      headers: { etag: '"1"', 'banyan-ported': 'yes', 'banyan-port-state': 'ported' },
      body: { id: 'k', version: 1, status: 'placed', legacyId: '11078' },
    });
    expect(asked).toEqual(['order k 1', 'order k 1', 'order k 1']);
  });

  it('waits until V2 finds it by that id, too: the caller asks for it next', async () => {
    answers = [report('ported', { legacyId: '11078' })];
    linkedAfterLooks = 3;
    expect((await wait()).headers).toMatchObject({ 'banyan-ported': 'yes' });
    expect(looks).toBe(4);
  });

  it('says yes at the deadline although V2 has no link yet: legacy has it', async () => {
    answers = [report('ported', { legacyId: '11078' })];
    linkedAfterLooks = Number.POSITIVE_INFINITY;
    expect(await wait(done, 60)).toMatchObject({ headers: { 'banyan-ported': 'yes' }, body: { legacyId: '11078' } });
  });

  it('is ported all the same while the V2 store is away: an error would be answered by a second change', async () => {
    answers = [report('ported', { legacyId: '11078' })];
    awayForLooks = 2;
    expect((await wait()).headers).toMatchObject({ 'banyan-ported': 'yes' });
    expect(looks).toBe(3);
    awayForLooks = Number.POSITIVE_INFINITY;
    expect(await wait(done, 60)).toMatchObject({ headers: { 'banyan-ported': 'yes' }, body: { legacyId: '11078' } });
  });

  it('does not wait for what cannot come: the port is off, or a person is needed', async () => {
    for (const state of ['port-off', 'parked', 'in-doubt'] as const) {
      answers = [report(state, { legacyId: '7' })];
      const { headers, body } = await wait();
      expect(headers).toMatchObject({ 'banyan-ported': 'no', 'banyan-port-state': state });
      expect(body).toMatchObject({ version: 1, legacyId: '7' });
    }
    expect(asked).toHaveLength(3);
  });

  it('is 424 with legacy’s own status and words when legacy refused it, and says that V2 has it', async () => {
    answers = [report('sending'), report('refused', { status: 400, words: 'Bad ShipVia', errorCode: 'X' })];
    await expect(wait()).rejects.toMatchObject({
      status: 424,
      code: 'API_LEGACY_REFUSED',
      message: expect.stringContaining('V2 has order k at version 1'),
      data: { legacyStatus: 400, legacyWords: 'Bad ShipVia' },
    });
  });

  it('says no at the deadline, and why: never that it failed', async () => {
    answers = [report('sending')];
    expect((await wait(done, 60)).headers).toMatchObject({ 'banyan-ported': 'no', 'banyan-port-state': 'sending' });
    expect(await wait(done, 0)).toMatchObject({ status: 201, headers: { 'banyan-port-state': 'unknown' } });
  });

  it('goes on asking while the porter is away, and says unknown when it stays so', async () => {
    const away = new BanyanError('API_PORTER_AWAY', 'away', { retryable: true });
    answers = [away, away, report('ported')];
    expect((await wait()).headers).toMatchObject({ 'banyan-ported': 'yes' });
    answers = [away];
    expect((await wait(done, 40)).headers).toMatchObject({ 'banyan-ported': 'no', 'banyan-port-state': 'unknown' });
  });

  it('waits for nothing behind an answer that acknowledges nothing', async () => {
    answers = [report('ported')];
    const accepted: Answer = { status: 202, headers: {}, body: { id: 'k', eventId: 'e' } };
    const refused: Answer = { status: 422, headers: {}, body: { code: 'ORDER_PRODUCT_TWICE' } };
    expect([await wait(accepted), await wait(refused)]).toEqual([accepted, refused]);
    expect(asked).toEqual([]);
  });
});

describe('waitOf', () => {
  const of = (headers: Record<string, string>) => waitOf({ header: (name) => headers[name] }, 5_000);

  it('is what the headers say, with the default deadline where they name none', () => {
    expect(of({})).toBeUndefined();
    expect(of({ 'banyan-deadline-ms': '7' })).toBeUndefined();
    expect(of({ 'banyan-wait-for': 'Ported' })).toEqual({ deadlineMs: 5_000 });
    expect(of({ 'banyan-wait-for': 'ported', 'banyan-deadline-ms': '1700' })).toEqual({ deadlineMs: 1_700 });
  });

  it.each([
    { 'banyan-wait-for': 'projected' },
    { 'banyan-wait-for': 'ported', 'banyan-deadline-ms': '0' },
    { 'banyan-wait-for': 'ported', 'banyan-deadline-ms': '60001' },
    { 'banyan-wait-for': 'ported', 'banyan-deadline-ms': 'soon' },
  ])('refuses %j with 400', (headers) => {
    expect(() => of(headers as Record<string, string>)).toThrow(
      expect.objectContaining({ status: 400, code: 'API_WAIT_FOR_INVALID' }),
    );
  });
});
