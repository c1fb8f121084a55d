import { describe, expect, it } from '@jest/globals';
import { entities, entityNamed } from './index.js';

describe('what is being migrated', () => {
  it('is customers, products and orders', () => {
    expect(entities.map(({ name }) => name)).toEqual(['customer', 'product', 'order']);
  });

  it('is found by name', () => {
    expect(entityNamed('order').events.map(({ name }) => name)).toContain('northwind.order.v1.OrderPlaced');
  });

  it('says what there is when a name is unknown', () => {
    expect(() => entityNamed('invoice')).toThrow(
      'No entity "invoice" is being migrated; there are customer, product, order.',
    );
  });
});
