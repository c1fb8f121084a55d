// Made from schemas/ by `npm run schemas:generate`; not edited by hand.
import type { DomainEvent, EventType } from '../event-type.js';

/** An amount of money, exact. */
export interface Money {
  /** Amount in hundredths of the currency's unit. */
  readonly cents: number;
  /** ISO 4217 code; Northwind's prices are all USD. */
  readonly currency: string;
}

/** So many units of one product at a price. */
export interface OrderLine {
  /** Entity id of the product. */
  readonly productId: string;
  /** Price of one unit in this order, before the discount. */
  readonly unitPrice: Money;
  /** Units ordered. */
  readonly quantity: number;
  /** Discount in hundredths of a percent: 0 to 10000; 1500 = 15 %. */
  readonly discountBasisPoints: number;
}

/** An order, whole. */
export interface OrderState {
  /** How far it has come. */
  readonly status: OrderStatus;
  /** Entity id of the customer who ordered. */
  readonly customerId: string | null;
  /** Legacy's number of the employee who took the order; employees are not migrated. */
  readonly employeeId: number | null;
  /** Day of the order, yyyy-mm-dd. */
  readonly orderedOn: string | null;
  /** Day the customer wants the goods by, yyyy-mm-dd. */
  readonly requiredOn: string | null;
  /** Day the order was shipped, yyyy-mm-dd. */
  readonly shippedOn: string | null;
  /** Legacy's number of the shipper; shippers are not migrated. */
  readonly shipperId: number | null;
  /** What the shipping costs. */
  readonly freight: Money | null;
  /** Where the order goes. */
  readonly shipTo: ShipTo;
  /** The customer's own number for the order. */
  readonly poNumber: string | null;
  /** What was ordered, one line per product. */
  readonly lines: readonly OrderLine[];
  /** When it was placed in V2, milliseconds since 1970 UTC; null for an order born in legacy. */
  readonly placedAt: number | null;
  /** Why it was cancelled, if anybody said. */
  readonly cancelReason: string | null;
}

/** How far an order has come. */
export type OrderStatus = 'unknown' | 'placed' | 'shipped' | 'cancelled';

/** Where an order goes, as written on the order. */
export interface ShipTo {
  /** Name of the recipient. */
  readonly name: string | null;
  /** Street and number. */
  readonly street: string | null;
  /** City. */
  readonly city: string | null;
  /** State, province or region. */
  readonly region: string | null;
  /** Postal code, as written. */
  readonly postalCode: string | null;
  /** Name of the country, in English. */
  readonly country: string | null;
}

/** An order was cancelled: V2 keeps it as a document, legacy deletes its row. */
export interface OrderCancelledData {
  /** Why, in the words of whoever did it. */
  readonly reason: string | null;
}

/** An order was cancelled: V2 keeps it as a document, legacy deletes its row. */
export const OrderCancelled: EventType<OrderCancelledData> & { readonly name: 'northwind.order.v1.OrderCancelled' } = {
  name: 'northwind.order.v1.OrderCancelled',
  schema: {
    "type": "record",
    "name": "OrderCancelled",
    "namespace": "northwind.order.v1",
    "doc": "An order was cancelled: V2 keeps it as a document, legacy deletes its row.",
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
export type OrderCancelled = DomainEvent<'northwind.order.v1.OrderCancelled', OrderCancelledData>;

/** An order was read from legacy; the whole order as legacy has it. */
export interface OrderImportedData {
  /** Canonical id of the row in the legacy system. */
  readonly legacyId: string;
  /** Entity id of the customer who ordered. */
  readonly customerId: string | null;
  /** Legacy's number of the employee who took the order; employees are not migrated. */
  readonly employeeId: number | null;
  /** Day of the order, yyyy-mm-dd. */
  readonly orderedOn: string | null;
  /** Day the customer wants the goods by, yyyy-mm-dd. */
  readonly requiredOn: string | null;
  /** Day the order was shipped, yyyy-mm-dd. */
  readonly shippedOn: string | null;
  /** Legacy's number of the shipper; shippers are not migrated. */
  readonly shipperId: number | null;
  /** What the shipping costs. */
  readonly freight: Money | null;
  /** Where the order goes. */
  readonly shipTo: ShipTo;
  /** The customer's own number for the order. */
  readonly poNumber: string | null;
  /** What was ordered, one line per product. */
  readonly lines: readonly OrderLine[];
}

/** An order was read from legacy; the whole order as legacy has it. */
export const OrderImported: EventType<OrderImportedData> & { readonly name: 'northwind.order.v1.OrderImported' } = {
  name: 'northwind.order.v1.OrderImported',
  schema: {
    "type": "record",
    "name": "OrderImported",
    "namespace": "northwind.order.v1",
    "doc": "An order was read from legacy; the whole order as legacy has it.",
    "fields": [
      {
        "name": "legacyId",
        "doc": "Canonical id of the row in the legacy system.",
        "type": "string"
      },
      {
        "name": "customerId",
        "doc": "Entity id of the customer who ordered.",
        "type": [
          "null",
          {
            "type": "string",
            "logicalType": "uuid"
          }
        ],
        "default": null
      },
      {
        "name": "employeeId",
        "doc": "Legacy's number of the employee who took the order; employees are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "orderedOn",
        "doc": "Day of the order, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "requiredOn",
        "doc": "Day the customer wants the goods by, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "shippedOn",
        "doc": "Day the order was shipped, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "shipperId",
        "doc": "Legacy's number of the shipper; shippers are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "freight",
        "doc": "What the shipping costs.",
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
        "name": "shipTo",
        "doc": "Where the order goes.",
        "type": {
          "type": "record",
          "name": "ShipTo",
          "doc": "Where an order goes, as written on the order.",
          "fields": [
            {
              "name": "name",
              "doc": "Name of the recipient.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "street",
              "doc": "Street and number.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "city",
              "doc": "City.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "region",
              "doc": "State, province or region.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "postalCode",
              "doc": "Postal code, as written.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "country",
              "doc": "Name of the country, in English.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "poNumber",
        "doc": "The customer's own number for the order.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "lines",
        "doc": "What was ordered, one line per product.",
        "type": {
          "type": "array",
          "items": {
            "type": "record",
            "name": "OrderLine",
            "doc": "So many units of one product at a price.",
            "fields": [
              {
                "name": "productId",
                "doc": "Entity id of the product.",
                "type": {
                  "type": "string",
                  "logicalType": "uuid"
                }
              },
              {
                "name": "unitPrice",
                "doc": "Price of one unit in this order, before the discount.",
                "type": "Money"
              },
              {
                "name": "quantity",
                "doc": "Units ordered.",
                "type": "int"
              },
              {
                "name": "discountBasisPoints",
                "doc": "Discount in hundredths of a percent: 0 to 10000; 1500 = 15 %.",
                "type": "int"
              }
            ]
          }
        }
      }
    ]
  },
};
export type OrderImported = DomainEvent<'northwind.order.v1.OrderImported', OrderImportedData>;

/** An order was placed in V2. */
export interface OrderPlacedData {
  /** When it was placed, milliseconds since 1970 UTC. */
  readonly placedAt: number;
  /** Entity id of the customer who ordered. */
  readonly customerId: string | null;
  /** Legacy's number of the employee who took the order; employees are not migrated. */
  readonly employeeId: number | null;
  /** Day of the order, yyyy-mm-dd. */
  readonly orderedOn: string | null;
  /** Day the customer wants the goods by, yyyy-mm-dd. */
  readonly requiredOn: string | null;
  /** Day the order was shipped, yyyy-mm-dd. */
  readonly shippedOn: string | null;
  /** Legacy's number of the shipper; shippers are not migrated. */
  readonly shipperId: number | null;
  /** What the shipping costs. */
  readonly freight: Money | null;
  /** Where the order goes. */
  readonly shipTo: ShipTo;
  /** The customer's own number for the order. */
  readonly poNumber: string | null;
  /** What was ordered, one line per product. */
  readonly lines: readonly OrderLine[];
}

/** An order was placed in V2. */
export const OrderPlaced: EventType<OrderPlacedData> & { readonly name: 'northwind.order.v1.OrderPlaced' } = {
  name: 'northwind.order.v1.OrderPlaced',
  schema: {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "northwind.order.v1",
    "doc": "An order was placed in V2.",
    "fields": [
      {
        "name": "placedAt",
        "doc": "When it was placed, milliseconds since 1970 UTC.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "customerId",
        "doc": "Entity id of the customer who ordered.",
        "type": [
          "null",
          {
            "type": "string",
            "logicalType": "uuid"
          }
        ],
        "default": null
      },
      {
        "name": "employeeId",
        "doc": "Legacy's number of the employee who took the order; employees are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "orderedOn",
        "doc": "Day of the order, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "requiredOn",
        "doc": "Day the customer wants the goods by, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "shippedOn",
        "doc": "Day the order was shipped, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "shipperId",
        "doc": "Legacy's number of the shipper; shippers are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "freight",
        "doc": "What the shipping costs.",
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
        "name": "shipTo",
        "doc": "Where the order goes.",
        "type": {
          "type": "record",
          "name": "ShipTo",
          "doc": "Where an order goes, as written on the order.",
          "fields": [
            {
              "name": "name",
              "doc": "Name of the recipient.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "street",
              "doc": "Street and number.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "city",
              "doc": "City.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "region",
              "doc": "State, province or region.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "postalCode",
              "doc": "Postal code, as written.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "country",
              "doc": "Name of the country, in English.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "poNumber",
        "doc": "The customer's own number for the order.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "lines",
        "doc": "What was ordered, one line per product.",
        "type": {
          "type": "array",
          "items": {
            "type": "record",
            "name": "OrderLine",
            "doc": "So many units of one product at a price.",
            "fields": [
              {
                "name": "productId",
                "doc": "Entity id of the product.",
                "type": {
                  "type": "string",
                  "logicalType": "uuid"
                }
              },
              {
                "name": "unitPrice",
                "doc": "Price of one unit in this order, before the discount.",
                "type": "Money"
              },
              {
                "name": "quantity",
                "doc": "Units ordered.",
                "type": "int"
              },
              {
                "name": "discountBasisPoints",
                "doc": "Discount in hundredths of a percent: 0 to 10000; 1500 = 15 %.",
                "type": "int"
              }
            ]
          }
        }
      }
    ]
  },
};
export type OrderPlaced = DomainEvent<'northwind.order.v1.OrderPlaced', OrderPlacedData>;

/** An operator put a whole order in the place of what could not be processed; what stood still before it is closed. */
export interface OrderRestatedData {
  /** Who restated it. */
  readonly by: string;
  /** Why, in words. */
  readonly reason: string;
  /** The whole order from now on; null = there is none any more. */
  readonly state: OrderState | null;
}

/** An operator put a whole order in the place of what could not be processed; what stood still before it is closed. */
export const OrderRestated: EventType<OrderRestatedData> & { readonly name: 'northwind.order.v1.OrderRestated' } = {
  name: 'northwind.order.v1.OrderRestated',
  schema: {
    "type": "record",
    "name": "OrderRestated",
    "namespace": "northwind.order.v1",
    "doc": "An operator put a whole order in the place of what could not be processed; what stood still before it is closed.",
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
        "doc": "The whole order from now on; null = there is none any more.",
        "type": [
          "null",
          {
            "type": "record",
            "name": "OrderState",
            "doc": "An order, whole.",
            "fields": [
              {
                "name": "status",
                "doc": "How far it has come.",
                "type": {
                  "type": "enum",
                  "name": "OrderStatus",
                  "doc": "How far an order has come.",
                  "symbols": [
                    "unknown",
                    "placed",
                    "shipped",
                    "cancelled"
                  ],
                  "default": "unknown"
                }
              },
              {
                "name": "customerId",
                "doc": "Entity id of the customer who ordered.",
                "type": [
                  "null",
                  {
                    "type": "string",
                    "logicalType": "uuid"
                  }
                ],
                "default": null
              },
              {
                "name": "employeeId",
                "doc": "Legacy's number of the employee who took the order; employees are not migrated.",
                "type": [
                  "null",
                  "int"
                ],
                "default": null
              },
              {
                "name": "orderedOn",
                "doc": "Day of the order, yyyy-mm-dd.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "requiredOn",
                "doc": "Day the customer wants the goods by, yyyy-mm-dd.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "shippedOn",
                "doc": "Day the order was shipped, yyyy-mm-dd.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "shipperId",
                "doc": "Legacy's number of the shipper; shippers are not migrated.",
                "type": [
                  "null",
                  "int"
                ],
                "default": null
              },
              {
                "name": "freight",
                "doc": "What the shipping costs.",
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
                "name": "shipTo",
                "doc": "Where the order goes.",
                "type": {
                  "type": "record",
                  "name": "ShipTo",
                  "doc": "Where an order goes, as written on the order.",
                  "fields": [
                    {
                      "name": "name",
                      "doc": "Name of the recipient.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "street",
                      "doc": "Street and number.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "city",
                      "doc": "City.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "region",
                      "doc": "State, province or region.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "postalCode",
                      "doc": "Postal code, as written.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    },
                    {
                      "name": "country",
                      "doc": "Name of the country, in English.",
                      "type": [
                        "null",
                        "string"
                      ],
                      "default": null
                    }
                  ]
                }
              },
              {
                "name": "poNumber",
                "doc": "The customer's own number for the order.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "lines",
                "doc": "What was ordered, one line per product.",
                "type": {
                  "type": "array",
                  "items": {
                    "type": "record",
                    "name": "OrderLine",
                    "doc": "So many units of one product at a price.",
                    "fields": [
                      {
                        "name": "productId",
                        "doc": "Entity id of the product.",
                        "type": {
                          "type": "string",
                          "logicalType": "uuid"
                        }
                      },
                      {
                        "name": "unitPrice",
                        "doc": "Price of one unit in this order, before the discount.",
                        "type": "Money"
                      },
                      {
                        "name": "quantity",
                        "doc": "Units ordered.",
                        "type": "int"
                      },
                      {
                        "name": "discountBasisPoints",
                        "doc": "Discount in hundredths of a percent: 0 to 10000; 1500 = 15 %.",
                        "type": "int"
                      }
                    ]
                  }
                }
              },
              {
                "name": "placedAt",
                "doc": "When it was placed in V2, milliseconds since 1970 UTC; null for an order born in legacy.",
                "type": [
                  "null",
                  {
                    "type": "long",
                    "logicalType": "timestamp-millis"
                  }
                ],
                "default": null
              },
              {
                "name": "cancelReason",
                "doc": "Why it was cancelled, if anybody said.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              }
            ]
          }
        ],
        "default": null
      }
    ]
  },
};
export type OrderRestated = DomainEvent<'northwind.order.v1.OrderRestated', OrderRestatedData>;

/** An order was revised; the whole order as it is now. */
export interface OrderRevisedData {
  /** Entity id of the customer who ordered. */
  readonly customerId: string | null;
  /** Legacy's number of the employee who took the order; employees are not migrated. */
  readonly employeeId: number | null;
  /** Day of the order, yyyy-mm-dd. */
  readonly orderedOn: string | null;
  /** Day the customer wants the goods by, yyyy-mm-dd. */
  readonly requiredOn: string | null;
  /** Day the order was shipped, yyyy-mm-dd. */
  readonly shippedOn: string | null;
  /** Legacy's number of the shipper; shippers are not migrated. */
  readonly shipperId: number | null;
  /** What the shipping costs. */
  readonly freight: Money | null;
  /** Where the order goes. */
  readonly shipTo: ShipTo;
  /** The customer's own number for the order. */
  readonly poNumber: string | null;
  /** What was ordered, one line per product. */
  readonly lines: readonly OrderLine[];
}

/** An order was revised; the whole order as it is now. */
export const OrderRevised: EventType<OrderRevisedData> & { readonly name: 'northwind.order.v1.OrderRevised' } = {
  name: 'northwind.order.v1.OrderRevised',
  schema: {
    "type": "record",
    "name": "OrderRevised",
    "namespace": "northwind.order.v1",
    "doc": "An order was revised; the whole order as it is now.",
    "fields": [
      {
        "name": "customerId",
        "doc": "Entity id of the customer who ordered.",
        "type": [
          "null",
          {
            "type": "string",
            "logicalType": "uuid"
          }
        ],
        "default": null
      },
      {
        "name": "employeeId",
        "doc": "Legacy's number of the employee who took the order; employees are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "orderedOn",
        "doc": "Day of the order, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "requiredOn",
        "doc": "Day the customer wants the goods by, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "shippedOn",
        "doc": "Day the order was shipped, yyyy-mm-dd.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "shipperId",
        "doc": "Legacy's number of the shipper; shippers are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      },
      {
        "name": "freight",
        "doc": "What the shipping costs.",
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
        "name": "shipTo",
        "doc": "Where the order goes.",
        "type": {
          "type": "record",
          "name": "ShipTo",
          "doc": "Where an order goes, as written on the order.",
          "fields": [
            {
              "name": "name",
              "doc": "Name of the recipient.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "street",
              "doc": "Street and number.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "city",
              "doc": "City.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "region",
              "doc": "State, province or region.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "postalCode",
              "doc": "Postal code, as written.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            },
            {
              "name": "country",
              "doc": "Name of the country, in English.",
              "type": [
                "null",
                "string"
              ],
              "default": null
            }
          ]
        }
      },
      {
        "name": "poNumber",
        "doc": "The customer's own number for the order.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "lines",
        "doc": "What was ordered, one line per product.",
        "type": {
          "type": "array",
          "items": {
            "type": "record",
            "name": "OrderLine",
            "doc": "So many units of one product at a price.",
            "fields": [
              {
                "name": "productId",
                "doc": "Entity id of the product.",
                "type": {
                  "type": "string",
                  "logicalType": "uuid"
                }
              },
              {
                "name": "unitPrice",
                "doc": "Price of one unit in this order, before the discount.",
                "type": "Money"
              },
              {
                "name": "quantity",
                "doc": "Units ordered.",
                "type": "int"
              },
              {
                "name": "discountBasisPoints",
                "doc": "Discount in hundredths of a percent: 0 to 10000; 1500 = 15 %.",
                "type": "int"
              }
            ]
          }
        }
      }
    ]
  },
};
export type OrderRevised = DomainEvent<'northwind.order.v1.OrderRevised', OrderRevisedData>;

/** An order left the house. */
export interface OrderShippedData {
  /** Day the order was shipped, yyyy-mm-dd. */
  readonly shippedOn: string;
  /** Legacy's number of the shipper; shippers are not migrated. */
  readonly shipperId: number | null;
}

/** An order left the house. */
export const OrderShipped: EventType<OrderShippedData> & { readonly name: 'northwind.order.v1.OrderShipped' } = {
  name: 'northwind.order.v1.OrderShipped',
  schema: {
    "type": "record",
    "name": "OrderShipped",
    "namespace": "northwind.order.v1",
    "doc": "An order left the house.",
    "fields": [
      {
        "name": "shippedOn",
        "doc": "Day the order was shipped, yyyy-mm-dd.",
        "type": "string"
      },
      {
        "name": "shipperId",
        "doc": "Legacy's number of the shipper; shippers are not migrated.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      }
    ]
  },
};
export type OrderShipped = DomainEvent<'northwind.order.v1.OrderShipped', OrderShippedData>;

/** Legacy was read and has no such order. */
export interface OrderVanishedData {
  /** Canonical id of the row in the legacy system. */
  readonly legacyId: string;
}

/** Legacy was read and has no such order. */
export const OrderVanished: EventType<OrderVanishedData> & { readonly name: 'northwind.order.v1.OrderVanished' } = {
  name: 'northwind.order.v1.OrderVanished',
  schema: {
    "type": "record",
    "name": "OrderVanished",
    "namespace": "northwind.order.v1",
    "doc": "Legacy was read and has no such order.",
    "fields": [
      {
        "name": "legacyId",
        "doc": "Canonical id of the row in the legacy system.",
        "type": "string"
      }
    ]
  },
};
export type OrderVanished = DomainEvent<'northwind.order.v1.OrderVanished', OrderVanishedData>;

/** Every event of this topic. */
export type OrderEvent =
  | OrderCancelled
  | OrderImported
  | OrderPlaced
  | OrderRestated
  | OrderRevised
  | OrderShipped
  | OrderVanished;
