import { describe, expect, it } from '@jest/globals';
import { creationKeys } from './creation-key.js';

function keysAt(startMs: number) {
  const clock = { ms: startMs, now: () => clock.ms, monotonic: () => clock.ms };
  return { clock, keys: creationKeys({ windowMs: 60_000, clock }) };
}

const order = (body: unknown, declared?: string) => ({ entity: 'order', route: 'create', body, declared });

describe('the key of a creation', () => {
  it('is the PO number when one is given, whatever else the body says and whenever it comes', () => {
    const { clock, keys } = keysAt(0);
    const first = keys.keyOf(order({ PoNumber: 'PO-1', Freight: 1 }, 'PO-1'));
    clock.ms = 1e9;
    expect(keys.keyOf(order({ PoNumber: 'PO-1', Freight: 2 }, 'PO-1'))).toBe(first);
    expect(first).toBe('proxy:order:PO-1');
  });

  it.each(['PO 7', 'Bäume', 'x'.repeat(200), 'sha256:a'])('is printable and not too long for %s', (po) => {
    const { keys } = keysAt(0);
    const key = keys.keyOf(order({}, po));
    expect(key).toMatch(/^[!-~]{1,255}$/);
    expect(key).not.toBe(keys.keyOf(order({}, `${po}.`)));
  });

  it('is the same for the same body in another order of fields', () => {
    const { keys } = keysAt(0);
    expect(keys.keyOf(order({ a: 1, b: [{ c: 2, d: 3 }] }))).toBe(keys.keyOf(order({ b: [{ d: 3, c: 2 }], a: 1 })));
  });

  it('is another for another body, route or entity', () => {
    const { keys } = keysAt(0);
    const all = [
      order({ a: 1 }),
      order({ a: 2 }),
      { ...order({ a: 1 }), route: 'copy' },
      { ...order({ a: 1 }), entity: 'product' },
    ].map((creation) => keys.keyOf(creation));
    expect(new Set(all).size).toBe(4);
  });

  it.each([0, 59_999, 30_000])('holds for the whole window, wherever on the clock it begins (%s ms)', (startMs) => {
    const { clock, keys } = keysAt(startMs);
    const first = keys.keyOf(order({ a: 1 }));
    clock.ms = startMs + 59_999;
    expect(keys.keyOf(order({ a: 1 }))).toBe(first);
    clock.ms = startMs + 60_000;
    expect(keys.keyOf(order({ a: 1 }))).not.toBe(first);
  });

  it('is found again after a restart in the same window of the clock', () => {
    expect(keysAt(59_999).keys.keyOf(order({ a: 1 }))).toBe(keysAt(1_000).keys.keyOf(order({ a: 1 })));
  });
});
