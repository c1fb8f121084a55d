import { describe, expect, it } from '@jest/globals';
import { type EntityVerdict, type RowDifference, verdictOf } from './verdict.js';

const difference: RowDifference = { entity: 'order', key: 'k', legacyId: '1', kind: 'different', details: [] };

function entity(change: Partial<EntityVerdict> = {}): EntityVerdict {
  const { differences = [] } = change;
  const counts = { legacyRows: 1, v2Rows: 1, compared: 1, differing: differences.length, notLookedAt: 0 };
  return { entity: 'order', ...counts, differences, ...change };
}

describe('the verdict of verify', () => {
  it('is identical when every entity was compared and nothing differs', () => {
    expect(verdictOf([entity()], undefined).verdict).toBe('identical');
  });

  it('is different when something differs and nothing moves any more', () => {
    expect(verdictOf([entity({ differences: [difference] })], undefined).verdict).toBe('different');
  });

  it('is incomplete when a difference may be the lag', () => {
    expect(verdictOf([entity({ differences: [difference] })], 'the porter lags')).toMatchObject({
      verdict: 'incomplete',
      reason: 'the porter lags',
    });
  });

  it('is incomplete when more seemed to differ than could be looked at again', () => {
    expect(verdictOf([entity({ notLookedAt: 7 })], undefined)).toMatchObject({
      verdict: 'incomplete',
      reason: expect.stringContaining('7 of order'),
    });
  });

  it.each([[[]], [[entity({ compared: 0 })]], [[entity(), entity({ entity: 'product', compared: 0 })]]])(
    'refuses to call nothing compared a success',
    (entities) => {
      expect(verdictOf(entities, undefined).verdict).toBe('incomplete');
    },
  );
});
