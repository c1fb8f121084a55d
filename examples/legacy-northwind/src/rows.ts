/** A row of `GET /api/customers`. */
export interface CustomerRow {
  readonly CustomerID: string;
  readonly CompanyName: string;
  readonly ContactName: string | null;
  readonly ContactTitle: string | null;
  readonly Address: string | null;
  readonly City: string | null;
  readonly Region: string | null;
  readonly PostalCode: string | null;
  readonly Country: string | null;
  readonly Phone: string | null;
  readonly Fax: string | null;
}

/** A row of `GET /api/products`. */
export interface ProductRow {
  readonly ProductID: number;
  readonly ProductName: string;
  readonly SupplierID: number | null;
  readonly CategoryID: number | null;
  readonly QuantityPerUnit: string | null;
  readonly UnitPrice: number | null;
  readonly UnitsInStock: number | null;
  readonly UnitsOnOrder: number | null;
  readonly ReorderLevel: number | null;
  readonly Discontinued: 0 | 1;
}

/** A row of `GET /api/orders`. Dates are yyyy-mm-dd. */
export interface OrderRow {
  readonly OrderID: number;
  readonly CustomerID: string | null;
  readonly EmployeeID: number | null;
  readonly OrderDate: string | null;
  readonly RequiredDate: string | null;
  readonly ShippedDate: string | null;
  readonly ShipVia: number | null;
  readonly Freight: number | null;
  readonly ShipName: string | null;
  readonly ShipAddress: string | null;
  readonly ShipCity: string | null;
  readonly ShipRegion: string | null;
  readonly ShipPostalCode: string | null;
  readonly ShipCountry: string | null;
  readonly PoNumber: string | null;
  /** By ProductID. */
  readonly Details: readonly OrderDetailRow[];
}

export interface OrderDetailRow {
  readonly ProductID: number;
  readonly UnitPrice: number;
  readonly Quantity: number;
  readonly Discount: number;
}
