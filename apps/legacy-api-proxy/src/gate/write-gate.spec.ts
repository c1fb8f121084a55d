import { describe, expect, it } from '@jest/globals';
import { type Gate, type GateEntity, type GateMove, gateOf, holdReasonOf, prepareDue } from './write-gate.js';

const move = (direction: 'forward' | 'back', step: GateMove['step'], prepared: string[] = []): GateMove => ({
  direction,
  epoch: 7,
  step,
  prepared,
});

const STEPS = ['planned', 'fenced', 'drained', 'turned', 'aborted'] as const;

describe('the gate of an entity', () => {
  it.each<[string, GateEntity, Gate]>([
    ['legacy writes', { opened: false, writeMode: 'legacy' }, 'direct'],
    ['legacy writes, opened for native ones', { opened: true, writeMode: 'legacy' }, 'asked'],
    ['V2 writes', { opened: true, writeMode: 'new' }, 'round-trip'],
    ['V2 writes, never opened', { opened: false, writeMode: 'new' }, 'round-trip'],
    ['it is gone', { opened: true, writeMode: 'gone' }, 'gone'],
    ...STEPS.map((step): [string, GateEntity, Gate] => [
      `it moves forward, ${step}`,
      { opened: false, writeMode: 'legacy', move: move('forward', step) },
      'hold',
    ]),
    ...STEPS.map((step): [string, GateEntity, Gate] => [
      `it moves back, ${step}`,
      { opened: true, writeMode: 'new', move: move('back', step) },
      'hold',
    ]),
  ])('when %s, is as the table says', (_what, entity, gate) => {
    expect(gateOf({ entity, registered: true })).toBe(gate);
  });

  it('holds while this proxy is not registered, whatever it remembers', () => {
    for (const writeMode of ['legacy', 'new', 'gone'] as const) {
      expect(gateOf({ entity: { opened: false, writeMode }, registered: false })).toBe('hold');
    }
  });

  it.each<[GateEntity, boolean, string | undefined]>([
    [{ opened: true, writeMode: 'legacy', move: move('forward', 'planned') }, true, 'moving-forward'],
    [{ opened: true, writeMode: 'new', move: move('back', 'fenced') }, true, 'moving-back'],
    [{ opened: true, writeMode: 'new' }, false, 'unregistered'],
    [{ opened: true, writeMode: 'new' }, true, undefined],
  ])('tells why it holds: %j', (entity, registered, reason) => {
    expect(holdReasonOf({ entity, registered })).toBe(reason);
  });
});

describe('when MovePrepared is due', () => {
  const due = {
    entity: { opened: true, writeMode: 'legacy', move: move('forward', 'planned', ['proxy-1']) } as GateEntity,
    registered: true,
    joined: true,
    party: 'proxy-0',
    openDirect: 0,
    predecessorSettled: true,
  };

  it('is due once for a planned move forward, when no direct write is open', () => {
    expect(prepareDue(due)).toBe(7);
  });

  it.each<[string, Partial<typeof due>]>([
    ['a direct write is open', { openDirect: 1 }],
    ['what a dead process of this name sent may still arrive', { predecessorSettled: false }],
    ['it is acknowledged', { party: 'proxy-1' }],
    ['this process has not joined yet', { joined: false }],
    ['the move is behind its fence', { entity: { ...due.entity, move: move('forward', 'fenced') } }],
    ['the move goes back', { entity: { opened: true, writeMode: 'new', move: move('back', 'planned') } }],
    ['nothing moves', { entity: { opened: true, writeMode: 'legacy' } }],
    ['writes are gone', { entity: { ...due.entity, writeMode: 'gone' } }],
  ])('is not due when %s', (_what, change) => {
    expect(prepareDue({ ...due, ...change })).toBeUndefined();
  });
});
