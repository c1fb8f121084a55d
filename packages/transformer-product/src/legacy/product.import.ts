import { event } from '@banyan/contracts';
import { type ProductEvent, ProductImported, ProductVanished } from '@banyan/contracts/events/northwind.product.v1';
import { moneyFromReal, UnmappableRow } from '@banyan/transformer';
import { CURRENCY } from '../currency.js';
import type { ProductRow } from './product-row.js';

/** Throws `UnmappableRow` for a price with parts of a cent, or a Discontinued that is neither 0 nor 1. */
export function importRow(row: ProductRow): ProductEvent {
  if (row.Discontinued !== 0 && row.Discontinued !== 1) {
    throw new UnmappableRow('Discontinued', row.Discontinued, 'is neither 0 nor 1; correct it in legacy');
  }
  return event(ProductImported, {
    legacyId: String(row.ProductID),
    name: row.ProductName,
    supplierId: row.SupplierID,
    categoryId: row.CategoryID,
    quantityPerUnit: row.QuantityPerUnit,
    unitPrice: row.UnitPrice === null ? null : moneyFromReal('UnitPrice', row.UnitPrice, CURRENCY),
    unitsInStock: row.UnitsInStock,
    unitsOnOrder: row.UnitsOnOrder,
    reorderLevel: row.ReorderLevel,
    discontinued: row.Discontinued === 1,
  });
}

export function importAbsence(legacyId: string): ProductEvent {
  return event(ProductVanished, { legacyId });
}
