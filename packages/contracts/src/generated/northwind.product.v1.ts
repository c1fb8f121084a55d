// Made from schemas/ by `npm run schemas:generate`; not edited by hand.
import type { DomainEvent, EventType } from '../event-type.js';

/** An amount of money, exact. */
export interface Money {
  /** Amount in hundredths of the currency's unit. */
  readonly cents: number;
  /** ISO 4217 code; Northwind's prices are all USD. */
  readonly currency: string;
}

/** A product, whole. */
export interface ProductState {
  /** Name of the product. */
  readonly name: string;
  /** Legacy's number of the supplier; suppliers are not migrated. */
  readonly supplierId: number | null;
  /** Legacy's number of the category; categories are not migrated. */
  readonly categoryId: number | null;
  /** What one unit is, in words: 10 boxes x 20 bags. */
  readonly quantityPerUnit: string | null;
  /** List price of one unit. */
  readonly unitPrice: Money | null;
  /** Units in stock. */
  readonly unitsInStock: number | null;
  /** Units ordered from the supplier and not yet here. */
  readonly unitsOnOrder: number | null;
  /** Stock at which to order again, units. */
  readonly reorderLevel: number | null;
  /** True when it is no longer sold; stock may be left. */
  readonly discontinued: boolean;
}

/** A product was added in V2. */
export interface ProductAddedData {
  /** Name of the product. */
  readonly name: string;
  /** Legacy's number of the supplier; suppliers are not migrated. */
  readonly supplierId: number | null;
  /** Legacy's number of the category; categories are not migrated. */
  readonly categoryId: number | null;
  /** What one unit is, in words: 10 boxes x 20 bags. */
  readonly quantityPerUnit: string | null;
  /** List price of one unit. */
  readonly unitPrice: Money | null;
  /** Units in stock. */
  readonly unitsInStock: number | null;
  /** Units ordered from the supplier and not yet here. */
  readonly unitsOnOrder: number | null;
  /** Stock at which to order again, units. */
  readonly reorderLevel: number | null;
  /** True when it is no longer sold; stock may be left. */
  readonly discontinued: boolean;
}

/** A product was added in V2. */
export const ProductAdded: EventType<ProductAddedData> & { readonly name: 'northwind.product.v1.ProductAdded' } = {
  name: 'northwind.product.v1.ProductAdded',
  schema: {
    "type": "record",
    "name": "ProductAdded",
    "namespace": "northwind.product.v1",
    "doc": "A product was added in V2.",
    "fields": [
      {
        "name": "name",
        "doc": "Name of the product.",
        "type": "string"
      },
      {
        "name": "supplierId",
        "doc": "Legacy's number of the supplier; suppliers are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "categoryId",
        "doc": "Legacy's number of the category; categories are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "quantityPerUnit",
        "doc": "What one unit is, in words: 10 boxes x 20 bags.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "unitPrice",
        "doc": "List price of one unit.",
        "type": [
          "null",
          {
            "type": "record",
            "name": "Money",
            "doc": "An amount of money, exact.",
            "fields": [
              {
                "name": "cents",
                "doc": "Amount in hundredths of the currency's unit.",
                "type": "long"
              },
              {
                "name": "currency",
                "doc": "ISO 4217 code; Northwind's prices are all USD.",
                "type": "string"
              }
            ]
          }
        ],
        "default": null
      },
      {
        "name": "unitsInStock",
        "doc": "Units in stock.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "unitsOnOrder",
        "doc": "Units ordered from the supplier and not yet here.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "reorderLevel",
        "doc": "Stock at which to order again, units.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "discontinued",
        "doc": "True when it is no longer sold; stock may be left.",
        "type": "boolean"
      }
    ]
  },
};
export type ProductAdded = DomainEvent<'northwind.product.v1.ProductAdded', ProductAddedData>;

/** A product's data changed; the whole product as it is now. */
export interface ProductChangedData {
  /** Name of the product. */
  readonly name: string;
  /** Legacy's number of the supplier; suppliers are not migrated. */
  readonly supplierId: number | null;
  /** Legacy's number of the category; categories are not migrated. */
  readonly categoryId: number | null;
  /** What one unit is, in words: 10 boxes x 20 bags. */
  readonly quantityPerUnit: string | null;
  /** List price of one unit. */
  readonly unitPrice: Money | null;
  /** Units in stock. */
  readonly unitsInStock: number | null;
  /** Units ordered from the supplier and not yet here. */
  readonly unitsOnOrder: number | null;
  /** Stock at which to order again, units. */
  readonly reorderLevel: number | null;
  /** True when it is no longer sold; stock may be left. */
  readonly discontinued: boolean;
}

/** A product's data changed; the whole product as it is now. */
export const ProductChanged: EventType<ProductChangedData> & { readonly name: 'northwind.product.v1.ProductChanged' } = {
  name: 'northwind.product.v1.ProductChanged',
  schema: {
    "type": "record",
    "name": "ProductChanged",
    "namespace": "northwind.product.v1",
    "doc": "A product's data changed; the whole product as it is now.",
    "fields": [
      {
        "name": "name",
        "doc": "Name of the product.",
        "type": "string"
      },
      {
        "name": "supplierId",
        "doc": "Legacy's number of the supplier; suppliers are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "categoryId",
        "doc": "Legacy's number of the category; categories are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "quantityPerUnit",
        "doc": "What one unit is, in words: 10 boxes x 20 bags.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "unitPrice",
        "doc": "List price of one unit.",
        "type": [
          "null",
          {
            "type": "record",
            "name": "Money",
            "doc": "An amount of money, exact.",
            "fields": [
              {
                "name": "cents",
                "doc": "Amount in hundredths of the currency's unit.",
                "type": "long"
              },
              {
                "name": "currency",
                "doc": "ISO 4217 code; Northwind's prices are all USD.",
                "type": "string"
              }
            ]
          }
        ],
        "default": null
      },
      {
        "name": "unitsInStock",
        "doc": "Units in stock.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "unitsOnOrder",
        "doc": "Units ordered from the supplier and not yet here.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "reorderLevel",
        "doc": "Stock at which to order again, units.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "discontinued",
        "doc": "True when it is no longer sold; stock may be left.",
        "type": "boolean"
      }
    ]
  },
};
export type ProductChanged = DomainEvent<'northwind.product.v1.ProductChanged', ProductChangedData>;

/** A product was read from legacy; the whole product as legacy has it. */
export interface ProductImportedData {
  /** Canonical id of the row in the legacy system. */
  readonly legacyId: string;
  /** Name of the product. */
  readonly name: string;
  /** Legacy's number of the supplier; suppliers are not migrated. */
  readonly supplierId: number | null;
  /** Legacy's number of the category; categories are not migrated. */
  readonly categoryId: number | null;
  /** What one unit is, in words: 10 boxes x 20 bags. */
  readonly quantityPerUnit: string | null;
  /** List price of one unit. */
  readonly unitPrice: Money | null;
  /** Units in stock. */
  readonly unitsInStock: number | null;
  /** Units ordered from the supplier and not yet here. */
  readonly unitsOnOrder: number | null;
  /** Stock at which to order again, units. */
  readonly reorderLevel: number | null;
  /** True when it is no longer sold; stock may be left. */
  readonly discontinued: boolean;
}

/** A product was read from legacy; the whole product as legacy has it. */
export const ProductImported: EventType<ProductImportedData> & { readonly name: 'northwind.product.v1.ProductImported' } = {
  name: 'northwind.product.v1.ProductImported',
  schema: {
    "type": "record",
    "name": "ProductImported",
    "namespace": "northwind.product.v1",
    "doc": "A product was read from legacy; the whole product as legacy has it.",
    "fields": [
      {
        "name": "legacyId",
        "doc": "Canonical id of the row in the legacy system.",
        "type": "string"
      },
      {
        "name": "name",
        "doc": "Name of the product.",
        "type": "string"
      },
      {
        "name": "supplierId",
        "doc": "Legacy's number of the supplier; suppliers are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "categoryId",
        "doc": "Legacy's number of the category; categories are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "quantityPerUnit",
        "doc": "What one unit is, in words: 10 boxes x 20 bags.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "unitPrice",
        "doc": "List price of one unit.",
        "type": [
          "null",
          {
            "type": "record",
            "name": "Money",
            "doc": "An amount of money, exact.",
            "fields": [
              {
                "name": "cents",
                "doc": "Amount in hundredths of the currency's unit.",
                "type": "long"
              },
              {
                "name": "currency",
                "doc": "ISO 4217 code; Northwind's prices are all USD.",
                "type": "string"
              }
            ]
          }
        ],
        "default": null
      },
      {
        "name": "unitsInStock",
        "doc": "Units in stock.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "unitsOnOrder",
        "doc": "Units ordered from the supplier and not yet here.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "reorderLevel",
        "doc": "Stock at which to order again, units.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "discontinued",
        "doc": "True when it is no longer sold; stock may be left.",
        "type": "boolean"
      }
    ]
  },
};
export type ProductImported = DomainEvent<'northwind.product.v1.ProductImported', ProductImportedData>;

/** A product was removed. */
export interface ProductRemovedData {
  /** Why, in the words of whoever did it. */
  readonly reason: string | null;
}

/** A product was removed. */
export const ProductRemoved: EventType<ProductRemovedData> & { readonly name: 'northwind.product.v1.ProductRemoved' } = {
  name: 'northwind.product.v1.ProductRemoved',
  schema: {
    "type": "record",
    "name": "ProductRemoved",
    "namespace": "northwind.product.v1",
    "doc": "A product was removed.",
    "fields": [
      {
        "name": "reason",
        "doc": "Why, in the words of whoever did it.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      }
    ]
  },
};
export type ProductRemoved = DomainEvent<'northwind.product.v1.ProductRemoved', ProductRemovedData>;

/** An operator put a whole product in the place of what could not be processed; what stood still before it is closed. */
export interface ProductRestatedData {
  /** Who restated it. */
  readonly by: string;
  /** Why, in words. */
  readonly reason: string;
  /** The whole product from now on; null = there is none any more. */
  readonly state: ProductState | null;
}

/** An operator put a whole product in the place of what could not be processed; what stood still before it is closed. */
export const ProductRestated: EventType<ProductRestatedData> & { readonly name: 'northwind.product.v1.ProductRestated' } = {
  name: 'northwind.product.v1.ProductRestated',
  schema: {
    "type": "record",
    "name": "ProductRestated",
    "namespace": "northwind.product.v1",
    "doc": "An operator put a whole product in the place of what could not be processed; what stood still before it is closed.",
    "fields": [
      {
        "name": "by",
        "doc": "Who restated it.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in words.",
        "type": "string"
      },
      {
        "name": "state",
        "doc": "The whole product from now on; null = there is none any more.",
        "type": [
          "null",
          {
            "type": "record",
            "name": "ProductState",
            "doc": "A product, whole.",
            "fields": [
              {
                "name": "name",
                "doc": "Name of the product.",
                "type": "string"
              },
              {
                "name": "supplierId",
                "doc": "Legacy's number of the supplier; suppliers are not migrated.",
                "type": [
                  "null",
                  "int"
                ],
                "default": null
              },
              {
                "name": "categoryId",
                "doc": "Legacy's number of the category; categories are not migrated.",
                "type": [
                  "null",
                  "int"
                ],
                "default": null
              },
              {
                "name": "quantityPerUnit",
                "doc": "What one unit is, in words: 10 boxes x 20 bags.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "unitPrice",
                "doc": "List price of one unit.",
                "type": [
                  "null",
                  {
                    "type": "record",
                    "name": "Money",
                    "doc": "An amount of money, exact.",
                    "fields": [
                      {
                        "name": "cents",
                        "doc": "Amount in hundredths of the currency's unit.",
                        "type": "long"
                      },
                      {
                        "name": "currency",
                        "doc": "ISO 4217 code; Northwind's prices are all USD.",
                        "type": "string"
                      }
                    ]
                  }
                ],
                "default": null
              },
              {
                "name": "unitsInStock",
                "doc": "Units in stock.",
                "type": [
                  "null",
                  "int"
                ],
                "default": null
              },
              {
                "name": "unitsOnOrder",
                "doc": "Units ordered from the supplier and not yet here.",
                "type": [
                  "null",
                  "int"
                ],
                "default": null
              },
              {
                "name": "reorderLevel",
                "doc": "Stock at which to order again, units.",
                "type": [
                  "null",
                  "int"
                ],
                "default": null
              },
              {
                "name": "discontinued",
                "doc": "True when it is no longer sold; stock may be left.",
                "type": "boolean"
              }
            ]
          }
        ],
        "default": null
      }
    ]
  },
};
export type ProductRestated = DomainEvent<'northwind.product.v1.ProductRestated', ProductRestatedData>;

/** Legacy was read and has no such product. */
export interface ProductVanishedData {
  /** Canonical id of the row in the legacy system. */
  readonly legacyId: string;
}

/** Legacy was read and has no such product. */
export const ProductVanished: EventType<ProductVanishedData> & { readonly name: 'northwind.product.v1.ProductVanished' } = {
  name: 'northwind.product.v1.ProductVanished',
  schema: {
    "type": "record",
    "name": "ProductVanished",
    "namespace": "northwind.product.v1",
    "doc": "Legacy was read and has no such product.",
    "fields": [
      {
        "name": "legacyId",
        "doc": "Canonical id of the row in the legacy system.",
        "type": "string"
      }
    ]
  },
};
export type ProductVanished = DomainEvent<'northwind.product.v1.ProductVanished', ProductVanishedData>;

/** Every event of this topic. */
export type ProductEvent =
  | ProductAdded
  | ProductChanged
  | ProductImported
  | ProductRemoved
  | ProductRestated
  | ProductVanished;
