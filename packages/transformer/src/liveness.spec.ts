import { expect, it } from '@jest/globals';
import { livenessOf } from './liveness.js';

it('takes a state for live and none for deleted, unless the entity says otherwise', () => {
  expect(livenessOf({}, { any: 'state' })).toBe('live');
  expect(livenessOf({}, undefined)).toBe('deleted');
  expect(livenessOf({ liveness: () => 'deleted' }, { status: 'cancelled' })).toBe('deleted');
});
