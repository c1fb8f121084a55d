import { describe, expect, it } from '@jest/globals';
import { importedId, newId } from './ids.js';

describe('importedId', () => {
  // Computed outside this code base (Python's uuid.uuid5). A change here would import every legacy row a second time.
  it.each([
    ['customer', 'ALFKI', '19a133c7-9ecb-5fef-82f6-518a85de044b'],
    ['order', '10248', '90567d52-2333-5698-935f-13035b9d3aa6'],
    ['product', '7', '6683d1f7-d844-5405-9290-d1ab2340ed11'],
  ])('of %s %s is %s for ever', (entity, legacyId, expected) => {
    expect(importedId(entity, legacyId)).toBe(expected);
  });
});

describe('newId', () => {
  it('makes ids of version 7 that rise', () => {
    const ids = Array.from({ length: 100 }, newId);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
