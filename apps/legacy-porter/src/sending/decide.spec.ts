import type { SeenRow, SqlSent, WriteOutcome } from '@banyan/legacy';
import type { LegacyRow } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import type { SendOperation } from '../store/work.js';
import { afterProbe, afterTransaction, afterWrite, type Sent } from './decide.js';

const sent = (operation: SendOperation, mayHaveArrived = false): Sent => ({
  entity: 'order',
  key: 'k',
  operation,
  legacyId: operation === 'create' ? undefined : '7',
  mayHaveArrived,
});
const row = (legacyId: string): SeenRow<LegacyRow> => ({ legacyId, row: {}, hash: `hash-${legacyId}` });

const REJECTED: WriteOutcome<LegacyRow> = { type: 'rejected', status: 422, words: 'ShipVia 9 unknown' };
const NOT_SENT: WriteOutcome<LegacyRow> = { type: 'not-sent', reason: 'ECONNREFUSED' };
const UNCLEAR: WriteOutcome<LegacyRow> = { type: 'unclear', reason: 'no answer within 5000 ms' };

describe('after the answer to a write', () => {
  it.each<[SendOperation, WriteOutcome<LegacyRow>, boolean, object]>([
    ['create', { type: 'written', seen: row('9') }, false, { type: 'done', legacyId: '9', hash: 'hash-9' }],
    ['update', { type: 'written', seen: row('7') }, false, { type: 'done', legacyId: '7', hash: 'hash-7' }],
    ['delete', { type: 'written', seen: undefined }, false, { type: 'done', legacyId: '7', hash: null }],
    ['update', { type: 'missing' }, false, { type: 'parked', code: 'PORTER_BYPASS' }],
    ['update', { type: 'missing' }, true, { type: 'parked', code: 'PORTER_BYPASS' }],
    ['delete', { type: 'missing' }, false, { type: 'parked', code: 'PORTER_BYPASS' }],
    ['delete', { type: 'missing' }, true, { type: 'done', legacyId: '7', hash: null }],
    ['create', REJECTED, false, { type: 'parked', code: 'PORTER_LEGACY_REJECTED' }],
    ['create', NOT_SENT, false, { type: 'again', mayHaveArrived: false }],
    ['create', NOT_SENT, true, { type: 'again', mayHaveArrived: false }],
    ['create', UNCLEAR, false, { type: 'again', mayHaveArrived: true }],
    ['delete', UNCLEAR, true, { type: 'again', mayHaveArrived: true }],
  ])('%s, %j, may have arrived before %s: %j', (operation, outcome, mayHaveArrived, verdict) => {
    expect(afterWrite(sent(operation, mayHaveArrived), outcome).verdict).toMatchObject(verdict);
  });

  it("quotes legacy's words and names the way on", () => {
    const { verdict } = afterWrite(sent('create'), REJECTED);
    expect(verdict).toHaveProperty(
      'message',
      expect.stringMatching(/422 \(ShipVia 9 unknown\).*banyan parked replay order k/),
    );
  });

  it('takes a refusal for an answer of a target that is well, and only silence for trouble', () => {
    expect(afterWrite(sent('create'), REJECTED).target).toEqual({ type: 'ok' });
    expect(afterWrite(sent('create'), NOT_SENT).target.type).toBe('failed');
    expect(afterWrite(sent('create'), UNCLEAR).target.type).toBe('failed');
  });
});

describe('after asking whether a create arrived', () => {
  const NONE = new Set<string>();
  const probe = (ours: readonly SeenRow<LegacyRow>[], settled: boolean, contested: ReadonlySet<string> = NONE) =>
    afterProbe(sent('create', true), {
      ours,
      row: { Id: null, Name: 'fig' },
      hash: JSON.stringify,
      contested,
      settled,
      settledInMs: settled ? 0 : 1_234,
    })?.verdict;

  it('is done when there is the one row, and expects it as it was sent, whoever wrote it since', () => {
    const found = (Name: string) => ({ ...row('9'), row: { Id: 9, Name } });
    const hash = JSON.stringify({ Id: 9, Name: 'fig' });
    expect(probe([found('fig')], false)).toEqual({ type: 'done', legacyId: '9', hash });
    expect(probe([found('by hand')], false)).toEqual({ type: 'done', legacyId: '9', hash });
  });

  it('believes a "no" only when nothing can be executed any more', () => {
    expect(probe([], false)).toMatchObject({ type: 'again', afterMs: 1_234, mayHaveArrived: false });
    expect(probe([], true)).toBeUndefined();
  });

  it('is in doubt when several rows could be it', () => {
    expect(probe([row('9'), row('10')], true)).toMatchObject({
      type: 'in-doubt',
      code: 'PORTER_IN_DOUBT',
      message: expect.stringContaining('9, 10'),
    });
  });

  it('waits while the row may be that of another send under way', () => {
    expect(probe([row('9')], true, new Set(['9']))).toMatchObject({ type: 'again' });
  });
});

describe('after a transaction of row and marker', () => {
  const update = sent('update');

  it.each<[SqlSent, object]>([
    [
      { type: 'done', hash: 'h' },
      { type: 'done', legacyId: '7', hash: 'h' },
    ],
    [
      { type: 'done', hash: null },
      { type: 'done', legacyId: '7', hash: null },
    ],
    [
      { type: 'bypass', reason: 'r' },
      { type: 'parked', code: 'PORTER_BYPASS' },
    ],
    [
      { type: 'marker', reason: 'r' },
      { type: 'parked', code: 'PORTER_MARKER_UNEXPECTED' },
    ],
    [
      { type: 'rejected', sqlState: '23514', words: 'no' },
      { type: 'parked', code: 'PORTER_LEGACY_REJECTED' },
    ],
    [
      { type: 'unreadable', reason: 'r' },
      { type: 'parked', code: 'PORTER_LEGACY_UNREADABLE' },
    ],
    [
      { type: 'not-sent', reason: 'r' },
      { type: 'again', mayHaveArrived: false, afterMs: 500 },
    ],
    // The marker knows at once: nothing has to settle.
    [
      { type: 'unclear', reason: 'r' },
      { type: 'again', mayHaveArrived: true, afterMs: 100 },
    ],
  ])('%j: %j', (outcome, verdict) => {
    expect(afterTransaction(update, outcome).verdict).toMatchObject(verdict);
  });

  it('slows the target down when it did not answer, and not when it said no', () => {
    const target = (outcome: SqlSent) => afterTransaction(update, outcome).target.type;
    expect([target({ type: 'not-sent', reason: 'r' }), target({ type: 'unclear', reason: 'r' })]).toEqual([
      'failed',
      'failed',
    ]);
    expect(target({ type: 'rejected', sqlState: '22003', words: 'w' })).toBe('ok');
  });

  it('says what to do in every message that a person reads', () => {
    for (const outcome of [
      { type: 'bypass', reason: 'r' },
      { type: 'marker', reason: 'r' },
      { type: 'rejected', sqlState: '23514', words: 'no' },
      { type: 'unreadable', reason: 'r' },
    ] as const) {
      expect(afterTransaction(update, outcome).verdict).toHaveProperty(
        'message',
        expect.stringContaining('`banyan parked replay order k`'),
      );
    }
  });
});
