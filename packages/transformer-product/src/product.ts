import { event } from '@banyan/contracts';
import {
  type Money,
  ProductAdded,
  ProductChanged,
  type ProductChangedData,
  type ProductEvent,
  ProductImported,
  ProductRemoved,
  ProductRestated,
  ProductVanished,
} from '@banyan/contracts/events/northwind.product.v1';
import type { Restatement } from '@banyan/transformer';

/** Something that can be ordered. */
export interface Product {
  readonly name: string;
  /** Legacy's number; suppliers are not migrated. */
  readonly supplierId: number | null;
  /** Legacy's number; categories are not migrated. */
  readonly categoryId: number | null;
  /** In words: 10 boxes x 20 bags. */
  readonly quantityPerUnit: string | null;
  readonly unitPrice: Money | null;
  readonly unitsInStock: number | null;
  readonly unitsOnOrder: number | null;
  readonly reorderLevel: number | null;
  /** No longer sold; stock may be left. */
  readonly discontinued: boolean;
}

export function evolve(_state: Product | undefined, event: ProductEvent): Product | undefined {
  switch (event.type) {
    case ProductAdded.name:
    case ProductChanged.name:
    case ProductImported.name:
      return productOf(event.data);
    case ProductRestated.name:
      return event.data.state === null ? undefined : productOf(event.data.state);
    case ProductRemoved.name:
    case ProductVanished.name:
      return undefined;
  }
}

export const restated: Restatement<Product, ProductEvent> = {
  type: ProductRestated,
  of: (state, why) => event(ProductRestated, { ...why, state: state ?? null }),
};

function productOf(data: ProductChangedData): Product {
  return {
    name: data.name,
    supplierId: data.supplierId,
    categoryId: data.categoryId,
    quantityPerUnit: data.quantityPerUnit,
    unitPrice: data.unitPrice,
    unitsInStock: data.unitsInStock,
    unitsOnOrder: data.unitsOnOrder,
    reorderLevel: data.reorderLevel,
    discontinued: data.discontinued,
  };
}
