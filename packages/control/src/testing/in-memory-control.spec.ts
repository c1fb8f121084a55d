import { expect, it } from '@jest/globals';
import { controlContract } from '../control.contract.js';
import { entityControl } from '../control-state.js';
import { inMemoryControl } from './in-memory-control.js';

controlContract('the control log in memory', async () => inMemoryControl());

it('begins with what a test says, and tells listeners when the test says otherwise', () => {
  const control = inMemoryControl({ reads: { 'order.one': 'new' } });
  let told = 0;
  control.onChange(() => {
    told += 1;
  });
  control.replaceEntity('order', { writeMode: 'new', share: 100 });
  expect(told).toBe(1);
  expect(entityControl(control.state(), 'order')).toMatchObject({ writeMode: 'new', share: 100, opened: false });
  expect(control.state().reads).toEqual({ 'order.one': 'new' });
});
