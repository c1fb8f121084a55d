import { describe, expect, it } from '@jest/globals';
import { type EntityVerdict, type RowDifference, verdictOf } from './verdict.js';

const difference: RowDifference = { entity: 'order', key: 'k', legacyId: '1', kind: 'different', details: [] };

function entity(change: Partial<EntityVerdict> = {}): EntityVerdict {
  return { entity: 'order', legacyRows: 1, v2Rows: 1, compared: 1, differences: [], ...change };
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

  it.each([[[]], [[entity({ compared: 0 })]], [[entity(), entity({ entity: 'product', compared: 0 })]]])(
    'refuses to call nothing compared a success',
    (entities) => {
      expect(verdictOf(entities, undefined).verdict).toBe('incomplete');
    },
  );
});
