import { describe, expect, it } from '@jest/globals';
import { moveTo } from './consumer-state.js';

describe('moveTo', () => {
  it('goes back and forth between running and rebalancing', () => {
    expect(moveTo(moveTo('running', 'rebalancing'), 'running')).toBe('running');
  });

  it('leaves neither crashed nor stopped', () => {
    for (const to of ['starting', 'running', 'rebalancing', 'stopping', 'stopped', 'crashed'] as const) {
      expect(moveTo('crashed', to)).toBe('crashed');
      expect(moveTo('stopped', to)).toBe('stopped');
    }
  });

  it('passes over an event that comes too late', () => {
    expect(moveTo('stopping', 'running')).toBe('stopping');
    expect(moveTo('starting', 'rebalancing')).toBe('starting');
  });
});
