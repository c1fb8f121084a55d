import { readFile } from 'node:fs/promises';
import { BanyanError } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import { NOT_FOUND, thing } from '../testing/things.js';
import type { LegacyAnswer } from '../upstream/legacy-client.js';
import type { ApiAnswer, CommandCall } from '../upstream/new-api-client.js';
import { creationKeys } from './creation-key.js';
import { roundTrips } from './round-trip.js';
import { NOT_DONE } from './verdict.js';

type Answer = ApiAnswer | { away: boolean } | 'silence';
const DEADLINE_MS = 1_000;

function rig(
  answers: Answer[],
  options: { portOn?: boolean; legacy?: Record<string, LegacyAnswer>; rows?: unknown[] } = {},
) {
  const sent: CommandCall[] = [];
  const clock = { ms: 0, now: () => clock.ms, monotonic: () => clock.ms };
  let ids = 0;
  const trip = roundTrips({
    newApi: {
      async command(call) {
        sent.push(call);
        clock.ms += 100;
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer === undefined || answer === 'silence' || 'away' in answer) {
          if (answer === 'silence') clock.ms += call.deadlineMs;
          const wasSent = answer === 'silence' || answer?.away === false;
          throw new BanyanError('PROXY_NEW_API_AWAY', 'no answer', { retryable: true, data: { sent: wasSent } });
        }
        return answer;
      },
      async view() {
        if (options.rows === undefined) throw new Error('V2 does not answer');
        return { rows: options.rows as never, total: options.rows.length };
      },
    },
    legacy: {
      async get(path) {
        const answer = options.legacy?.[path];
        if (answer === undefined) throw new Error('legacy does not answer');
        return answer;
      },
    },
    keys: creationKeys({ windowMs: 60_000, clock }),
    newId: () => `id-${++ids}`,
    clock,
    isPortOn: () => options.portOn ?? true,
    deadlineMs: DEADLINE_MS,
  });
  const call = async (name: string, body: unknown, ThingID?: string) => {
    const route = thing.routes.find((one) => one.name === name);
    if (route === undefined) throw new Error(name);
    const params: Record<string, string> = ThingID === undefined ? {} : { ThingID };
    const { reply, verdict } = await trip({
      entity: thing,
      route,
      call: { params, query: {}, body: Buffer.from(JSON.stringify(body) ?? '') },
      request: { rawHeaders: ['Cookie', 'me'], headers: { 'banyan-correlation-id': 'an-action', 'banyan-hops': '2' } },
    });
    return { status: reply.status, text: reply.body.toString(), headers: reply.headers, verdict };
  };
  return { call, sent };
}

const done = (status: number, ported: 'yes' | 'no', legacyId?: string): ApiAnswer => ({
  status,
  headers: { 'banyan-ported': ported },
  body: { id: 'v2-id', ...(legacyId === undefined ? {} : { legacyId }) },
});
const problem = (status: number, code: string, more: Record<string, unknown> = {}): ApiAnswer => ({
  status,
  headers: { 'retry-after': '2' },
  body: { code, detail: `Because of ${code}.`, ...more },
});
const row = (text: string, status = 200): LegacyAnswer => ({
  status,
  headers: ['Content-Type', 'application/json'],
  body: Buffer.from(text),
});

describe('a round trip', () => {
  it('answers a creation with legacy’s own row, bytes and headers, under its own id', async () => {
    const { call, sent } = rig([done(201, 'yes', '7')], { legacy: { '/things/7': row('{"ThingID":7, "Name":"x"}') } });
    const answer = await call('create', { Name: 'x' });
    expect(answer).toMatchObject({ status: 201, text: '{"ThingID":7, "Name":"x"}', verdict: 'ported' });
    expect(answer.headers).toEqual(['Content-Type', 'application/json']);
    expect(sent[0]).toMatchObject({ method: 'POST', path: '/v2/things', body: { Name: 'x' }, waitForPorted: true });
    expect(sent[0]).toMatchObject({ correlationId: 'an-action', hops: '2' });
  });

  it('gives a blind retry the key of the first, and the next creation another', async () => {
    const { call, sent } = rig([done(201, 'yes', '7')], { legacy: { '/things/7': row('{}') } });
    await call('create', { Name: 'x' });
    await call('create', { Name: 'x' });
    await call('create', { Name: 'y' });
    await call('create', { Name: 'z', Ref: 'PO-1' });
    const keys = sent.map(({ idempotencyKey }) => idempotencyKey);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
    expect(keys[3]).toBe('proxy:thing:PO-1');
  });

  it('gives each change a key of its own', async () => {
    const { call, sent } = rig([done(200, 'yes')], { legacy: { '/things/7': row('{}') } });
    await call('replace', { Name: 'x' }, '7');
    await call('replace', { Name: 'x' }, '7');
    expect(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(2);
  });

  it('answers a change with the row at legacy, and a deletion with nothing', async () => {
    const { call } = rig([done(200, 'yes')], { legacy: { '/things/7': row('{"ThingID":7}') } });
    expect(await call('replace', { Name: 'x' }, '7')).toMatchObject({ status: 200, text: '{"ThingID":7}' });
    expect(await call('delete', undefined, '7')).toMatchObject({ status: 204, text: '' });
  });

  it('answers from V2’s view when legacy does not give the row back', async () => {
    const { call } = rig([done(200, 'yes')], { rows: [{ ThingID: 7 }] });
    expect(await call('replace', { Name: 'x' }, '7')).toMatchObject({ status: 200, text: '{"ThingID":7}' });
  });

  it('says that it is done when nobody gives the row back', async () => {
    const { call } = rig([done(201, 'yes', '7')]);
    const { status, text } = await call('create', { Name: 'x' });
    expect([status, text]).toEqual([504, expect.stringContaining('It is done: thing 7 is in V2 and in legacy.')]);
  });

  it('refuses in legacy’s words what legacy checks itself, and asks nobody', async () => {
    const { call, sent } = rig([]);
    expect(await call('create', {})).toMatchObject({
      status: 400,
      text: 'Name is required.',
      verdict: 'legacy-refuses',
    });
    expect(sent).toEqual([]);
  });

  it.each<[string, ApiAnswer, number, string]>([
    ['what V2 refuses', problem(422, 'THING_BAD'), 400, 'Because of THING_BAD.'],
    [
      'a body V2 cannot take, fault by fault',
      problem(422, 'API_BODY_INVALID', {
        errors: [
          { path: 'a', message: 'is wrong' },
          { path: 'b', message: 'is too' },
        ],
      }),
      400,
      'a: is wrong\nb: is too',
    ],
    ['a refusal that legacy has words for', problem(422, 'THING_TWICE'), 500, 'duplicate key'],
    ['a creation key with another body', problem(422, 'API_IDEMPOTENCY_KEY_REUSED'), 409, 'Because of'],
    ['a thing that legacy holds', problem(409, 'ENTITY_HELD_BY_LEGACY'), 503, 'Nothing was done'],
    ['a conflict', problem(409, 'API_CONFLICT'), 503, 'Nothing was done'],
    ['a parked key', problem(423, 'API_KEY_PARKED'), 503, 'Nothing was done'],
    ['V2 not ready', problem(503, 'API_STORE_NOT_READY'), 503, 'Nothing was done'],
    [
      'what legacy refused in the port',
      problem(424, 'API_LEGACY_REFUSED', { legacyStatus: 500, legacyWords: 'Database error: no such shipper' }),
      500,
      'Database error: no such shipper',
    ],
  ])('puts %s into legacy’s words', async (_what, answer, status, words) => {
    const { call } = rig([answer], { legacy: { '/things/7': row('{}') } });
    const told = await call('replace', { Name: 'x' }, '7');
    expect([told.status, told.text]).toEqual([status, expect.stringContaining(words)]);
    expect(told.headers.slice(0, 2)).toEqual(['content-type', 'text/plain; charset=utf-8']);
    if (status === 503) expect(told.headers).toEqual(expect.arrayContaining(['retry-after', '2']));
  });

  it('takes a corrected creation under a name whose first body was refused, and its blind retry for the same', async () => {
    const reused = problem(422, 'API_IDEMPOTENCY_KEY_REUSED', { firstStatus: 422 });
    const answers = [reused, done(201, 'yes', '7'), reused, done(201, 'yes', '7')];
    const { call, sent } = rig(answers, { legacy: { '/things/7': row('{"ThingID":7}') } });
    expect(await call('create', { Name: 'x', Ref: 'PO-1' })).toMatchObject({ status: 201 });
    expect(await call('create', { Name: 'x', Ref: 'PO-1' })).toMatchObject({ status: 201 });
    const [first, corrected, again, retried] = sent.map(({ idempotencyKey }) => idempotencyKey);
    expect([first, again]).toEqual(['proxy:thing:PO-1', 'proxy:thing:PO-1']);
    expect(corrected).toMatch(/^proxy:thing:PO-1:./);
    expect(retried).toBe(corrected);
  });

  it('answers legacy’s own 404 for what is not there, also where V2 keeps what legacy deleted', async () => {
    const legacy = { '/things/7': row('legacy’s page', 404) };
    for (const answer of [problem(404, 'API_NOT_FOUND'), problem(422, 'THING_SCRAPPED')]) {
      expect(await rig([answer], { legacy }).call('replace', {}, '7')).toMatchObject({
        status: 404,
        text: 'legacy’s page',
      });
    }
    const away = await rig([problem(404, 'API_NOT_FOUND')]).call('replace', {}, '7');
    expect(away).toMatchObject({ status: 404, text: NOT_FOUND.body });
  });

  it('does not take a refusal for an absence', async () => {
    const { call } = rig([problem(422, 'THING_BAD')], { rows: [], legacy: { '/things/7': row('{}') } });
    expect((await call('replace', {}, '7')).status).toBe(400);
  });
});

describe('an answer at the deadline', () => {
  it('says that V2 has it when V2 said so', async () => {
    const { call } = rig([done(201, 'no')]);
    const { status, text } = await call('create', { Name: 'x', Ref: 'PO-1' });
    expect([status, text]).toEqual([504, expect.stringMatching(/^Accepted: V2 has .*v2-id.*proxy:thing:PO-1/)]);
  });

  it('says so when it is not time that is missing but a person', async () => {
    const parked = { ...done(201, 'no'), headers: { 'banyan-ported': 'no', 'banyan-port-state': 'parked' } };
    const { status, text } = await rig([parked]).call('create', { Name: 'x' });
    expect([status, text]).toEqual([
      504,
      expect.stringMatching(/^Accepted: .*until a person has looked at it \(parked\)/),
    ]);
  });

  it('answers from V2 where the porter knows before this proxy that the port is off', async () => {
    const off = { ...done(200, 'no'), headers: { 'banyan-ported': 'no', 'banyan-port-state': 'port-off' } };
    const { call } = rig([off], { rows: [{ ThingID: 7 }] });
    expect(await call('replace', {}, '7')).toMatchObject({ status: 200, text: '{"ThingID":7}' });
  });

  it.each<[string, Answer[]]>([
    ['V2 is silent', ['silence']],
    ['V2 does not know the outcome', [problem(202, '')]],
    ['V2 cannot tell whether the log has it', [problem(503, 'API_OUTCOME_UNKNOWN')]],
    ['V2 fails', [problem(500, 'SERVICE_INTERNAL')]],
    ['V2 has the event and its key stands still', [problem(423, 'API_KEY_PARKED', { eventId: 'e' })]],
    ['a store is away, before the append or behind it', [problem(503, 'POSTGRES_UNAVAILABLE')]],
    ['the log cannot be read behind the append', [problem(503, 'LOG_UNAVAILABLE')]],
    ['something between the two answers for V2', [{ status: 503, headers: {}, body: {} }]],
    ['a code is new', [problem(409, 'API_LATER')]],
    ['too much is asked of a gateway', [{ status: 429, headers: {}, body: {} }]],
    ['V2 breaks off, then cannot be reached', [{ away: false }, { away: true }]],
    ['a twin is still in flight', [problem(409, 'API_IDEMPOTENCY_IN_FLIGHT')]],
    ['V2 does not know, then is busy', [problem(503, 'API_OUTCOME_UNKNOWN'), problem(503, 'API_LOG_AWAY')]],
  ])('says that nobody knows when %s: neither done nor not done', async (_what, answers) => {
    const { call } = rig(answers);
    const { status, text } = await call('create', { Name: 'x' });
    expect(status).toBe(504);
    expect(text).toContain('It is not known yet');
    expect(text).not.toMatch(/nothing was done|accepted/i);
  });

  it('does not ask the caller of a change to send it again unseen: it would be another change', async () => {
    const { text } = await rig([problem(503, 'POSTGRES_UNAVAILABLE')]).call('replace', { Name: 'x' }, '7');
    expect(text).toMatch(/^It is not known yet .*before you send it again\.$/s);
    const late = await rig([done(200, 'no')]).call('replace', { Name: 'x' }, '7');
    expect(late.text).toMatch(/^Accepted: V2 has /);
    expect(late.text).not.toContain('again');
  });

  it.each([...NOT_DONE])('calls not done what new-api documents as such: %s', async (code) => {
    const page = await readFile(new URL('../../../../docs/reference/errors.md', import.meta.url), 'utf8');
    expect(page).toMatch(new RegExp(`^\\| \`${code}\` \\|.*(nothing|Nothing) was done.*\\|$`, 'm'));
  });

  it('says that nothing was done only where V2 was never reached', async () => {
    const { call, sent } = rig([{ away: true }]);
    const { status, text } = await call('create', { Name: 'x' });
    expect([status, text]).toEqual([503, expect.stringContaining('Nothing was done')]);
    expect(sent).toHaveLength(1);
  });

  it('finds out within the deadline, under the same key', async () => {
    const legacy = { '/things/7': row('{"ThingID":7}') };
    const { call, sent } = rig([{ away: false }, problem(409, 'API_IDEMPOTENCY_IN_FLIGHT'), done(201, 'yes', '7')], {
      legacy,
    });
    expect(await call('create', { Name: 'x' })).toMatchObject({ status: 201, text: '{"ThingID":7}' });
    expect(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it('believes a refusal behind a lost answer: the key makes it the same command', async () => {
    const { call } = rig([{ away: false }, problem(422, 'THING_BAD')]);
    expect((await call('create', { Name: 'x' })).status).toBe(400);
  });
});

describe('with legacy’s port off', () => {
  it('answers from V2 and does not wait for legacy', async () => {
    const { call, sent } = rig([done(200, 'no')], { portOn: false, rows: [{ ThingID: 7, Name: 'x' }] });
    expect(await call('replace', { Name: 'x' }, '7')).toMatchObject({ status: 200, text: '{"ThingID":7,"Name":"x"}' });
    expect(sent[0]?.waitForPorted).toBe(false);
  });

  it('refuses a creation that legacy would have to number, before anything is done', async () => {
    const { call, sent } = rig([], { portOn: false });
    expect((await call('create', { Name: 'x' })).status).toBe(503);
    expect(sent).toEqual([]);
  });

  it('takes V2’s word for what is not there', async () => {
    const { call } = rig([problem(422, 'THING_SCRAPPED')], { portOn: false, rows: [] });
    expect((await call('replace', {}, '7')).status).toBe(404);
  });
});
