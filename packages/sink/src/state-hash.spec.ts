import { describe, expect, it } from '@jest/globals';
import { stateHash } from './state-hash.js';

describe('stateHash', () => {
  it('is the same for ever: it is kept with the states and in the receipts', () => {
    const document = {
      ...{
        status: 'placed',
        lines: [
          { quantity: 2, productId: 'p', price: 12.5 },
          { z: null, A: true, a: false },
        ],
      },
      ...{ note: 'Straße 😀\n"é"', total: 1e21, tiny: 5e-324, 10: 'x', 9: 'y', empty: {}, none: [] },
    };
    expect(stateHash(document)).toBe('242f2d8080ae88b3edd2d04a8b8457e51bbbec0b6c36989d4598085ec5d84837');
  });

  it('does not depend on the order of keys', () => {
    expect(stateHash({ a: 1, b: { d: 1, c: 2 } })).toBe(stateHash({ b: { c: 2, d: 1 }, a: 1 }));
  });
});
