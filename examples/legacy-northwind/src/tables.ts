import { type Column, canonicalCode, code, date, flag, real, required, rowJson, smallint, text } from './columns.js';

/** A table as its API shows it. */
export interface Table {
  readonly name: string;
  readonly id: Column;
  /** The id of a path, as it is kept; undefined = no row can have it. */
  idOfPath(raw: string): string | number | undefined;
  /** Order of ids, the same on every server: text by bytes. */
  readonly order: string;
  /** Columns beside the id. Pictures are not shown: nobody ever asked for them. */
  readonly columns: readonly Column[];
  /** SQL of the JSON of a row, the table being `t`. */
  readonly row: string;
  /** Columns that a list can be searched by, as `?PoNumber=…`. */
  readonly searches: readonly Column[];
}

function byNumber(
  name: string,
  id: string,
  columns: readonly Column[],
  options: { readonly searches?: readonly string[]; readonly nested?: string } = {},
): Table {
  const column = smallint(id);
  return {
    name,
    id: column,
    idOfPath: numberOfPath,
    order: `t.${column.column}`,
    columns,
    row: rowJson('t', [column, ...columns], options.nested),
    searches: columns.filter(({ field }) => options.searches?.includes(field)),
  };
}

/** `010248` is 10248, as it is to anything that parses numbers. */
export function numberOfPath(raw: string): number | undefined {
  return /^\d{1,9}$/.test(raw) ? Number(raw) : undefined;
}

const addressOf = [
  text('Address', 60),
  text('City', 15),
  text('Region', 15),
  text('PostalCode', 10),
  text('Country', 15),
];
const contact = [text('ContactName', 30), text('ContactTitle', 30)];
const phones = [text('Phone', 24), text('Fax', 24)];

const customerId = required(code('CustomerID', 5));
const customerColumns = [required(text('CompanyName', 40)), ...contact, ...addressOf, ...phones];

export const customers: Table = {
  name: 'customers',
  id: customerId,
  idOfPath: canonicalCode,
  order: 't.customer_id collate "C"',
  columns: customerColumns,
  row: rowJson('t', [customerId, ...customerColumns]),
  searches: [],
};

export const products = byNumber(
  'products',
  'ProductID',
  [
    required(text('ProductName', 40)),
    smallint('SupplierID'),
    smallint('CategoryID'),
    text('QuantityPerUnit', 20),
    real('UnitPrice'),
    smallint('UnitsInStock'),
    smallint('UnitsOnOrder'),
    smallint('ReorderLevel'),
    required(flag('Discontinued')),
  ],
  { searches: ['ProductName'] },
);

export const suppliers = byNumber(
  'suppliers',
  'SupplierID',
  [required(text('CompanyName', 40)), ...contact, ...addressOf, ...phones, text('Homepage')],
  { searches: ['CompanyName'] },
);

export const orderDetails: readonly Column[] = [
  required(smallint('ProductID')),
  required(real('UnitPrice', { min: 0 })),
  required(smallint('Quantity', { min: 1 })),
  required(real('Discount', { min: 0, max: 1 })),
];

const details = `(select coalesce(json_agg(${rowJson('d', orderDetails)} order by d.product_id), '[]')
  from order_details as d where d.order_id = t.order_id)`;

export const orders = byNumber(
  'orders',
  'OrderID',
  [
    code('CustomerID', 5),
    smallint('EmployeeID'),
    date('OrderDate'),
    date('RequiredDate'),
    date('ShippedDate'),
    smallint('ShipVia'),
    real('Freight'),
    text('ShipName', 40),
    text('ShipAddress', 60),
    text('ShipCity', 15),
    text('ShipRegion', 15),
    text('ShipPostalCode', 10),
    text('ShipCountry', 15),
    text('PoNumber', 40),
  ],
  { searches: ['PoNumber', 'CustomerID'], nested: `, 'Details', ${details}` },
);

/** Read only: head office keeps them by hand. */
export const lookups: readonly Table[] = [
  byNumber('categories', 'CategoryID', [text('CategoryName', 15), text('Description')]),
  byNumber('shippers', 'ShipperID', [text('CompanyName', 40), text('Phone', 24)]),
  byNumber('employees', 'EmployeeID', [
    text('LastName', 20),
    text('FirstName', 10),
    text('Title', 30),
    text('TitleOfCourtesy', 25),
    date('BirthDate'),
    date('HireDate'),
    ...addressOf,
    text('HomePhone', 24),
    text('Extension', 4),
    text('Notes'),
    smallint('ReportsTo'),
    text('PhotoPath', 255),
  ]),
];
