import { event } from '@banyan/contracts';
import {
  ProductAdded,
  ProductChanged,
  type ProductChangedData,
  ProductImported,
  ProductRemoved,
  ProductVanished,
} from '@banyan/contracts/events/northwind.product.v1';
import { checkLawOfRestating, scenariosOf } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import { addProduct } from './commands/add-product.js';
import { changeProduct } from './commands/change-product.js';
import { removeProduct } from './commands/remove-product.js';
import { product } from './index.js';

const { givenEvents } = scenariosOf(product);

const chai: ProductChangedData = {
  name: 'Chai',
  supplierId: 8,
  categoryId: 1,
  quantityPerUnit: '10 boxes x 30 bags',
  unitPrice: { cents: 1800, currency: 'USD' },
  unitsInStock: 39,
  unitsOnOrder: 0,
  reorderLevel: 10,
  discontinued: false,
};
const added = event(ProductAdded, chai);

describe('AddProduct', () => {
  it('adds a product', () => {
    expect(givenEvents().whenCommand(addProduct, chai).thenEvent(added).state).toEqual(chai);
  });

  it('takes what is not said for unknown, and the product for sold', () => {
    const unknown = { supplierId: null, categoryId: null, quantityPerUnit: null, unitPrice: null };
    const uncounted = { unitsInStock: null, unitsOnOrder: null, reorderLevel: null };
    givenEvents()
      .whenCommand(addProduct, { name: 'Tea' })
      .thenEvent(event(ProductAdded, { name: 'Tea', ...unknown, ...uncounted, discontinued: false }));
  });

  it('refuses a price that legacy would round', () => {
    const refusal = givenEvents()
      .whenCommand(addProduct, { ...chai, unitPrice: { cents: 13_107_201, currency: 'USD' } })
      .thenRefused('MONEY_NOT_EXACT');
    expect(refusal.message).toContain('131072.01 would become 131072.02');
  });

  it('refuses a currency that legacy has no column for', () => {
    givenEvents()
      .whenCommand(addProduct, { ...chai, unitPrice: { cents: 1, currency: 'EUR' } })
      .thenRefused('MONEY_CURRENCY_NOT_ACCEPTED');
  });

  it('refuses an id that is taken', () => {
    givenEvents(added).whenCommand(addProduct, chai).thenRefused('PRODUCT_EXISTS');
  });

  it.each([
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(41) }],
    ['quantityPerUnit', { quantityPerUnit: 'x'.repeat(21) }],
    ['supplierId', { supplierId: 32768 }],
    ['unitsInStock', { unitsInStock: -1 }],
    ['unitPrice.cents', { unitPrice: { cents: 18.99, currency: 'USD' } }],
    ['unitPrice', { unitPrice: 18.99 }],
    ['discontinued', { discontinued: 1 }],
    ['', { productName: 'Chai' }],
  ])('finds what legacy cannot hold at %j: %j', (path, change) => {
    givenEvents()
      .whenCommand(addProduct, { ...chai, ...change })
      .thenMalformed(path);
  });
});

describe('ChangeProduct', () => {
  it('replaces the whole product', () => {
    const dearer = { ...chai, unitPrice: { cents: 1900, currency: 'USD' } };
    givenEvents(added).whenCommand(changeProduct, dearer).thenEvent(event(ProductChanged, dearer));
  });

  it('does nothing when it is so already', () => {
    givenEvents(added).whenCommand(changeProduct, chai).thenNothing();
  });

  it('refuses a product that is not there', () => {
    givenEvents().whenCommand(changeProduct, chai).thenRefused('PRODUCT_NOT_FOUND');
  });
});

describe('RemoveProduct', () => {
  it('removes a product', () => {
    const removed = event(ProductRemoved, { reason: null });
    expect(givenEvents(added).whenCommand(removeProduct, {}).thenEvent(removed).state).toBeUndefined();
  });

  it('refuses a product that is not there', () => {
    givenEvents().whenCommand(removeProduct, {}).thenRefused('PRODUCT_NOT_FOUND');
  });
});

it('is what its row is when it is imported, and gone when the row is', () => {
  const imported = event(ProductImported, { legacyId: '1', ...chai });
  givenEvents(imported).thenState(chai);
  givenEvents(imported, event(ProductVanished, { legacyId: '1' })).thenState(undefined);
});

describe('a restated product', () => {
  it('is what the operator says, whatever it was', () => {
    expect(() => checkLawOfRestating(product, [chai, { ...chai, unitPrice: null }])).not.toThrow();
  });
});
