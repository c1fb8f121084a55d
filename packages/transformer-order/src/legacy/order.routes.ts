import {
  asObject,
  changeRoute,
  code,
  createRoute,
  databaseError,
  date,
  exactly,
  jsonBody,
  listRoute,
  numberOfPath,
  oneRoute,
  plainText,
  readBody,
  readFields,
  real,
  refused,
  required,
  requireStorable,
  smallint,
  type TableRoutes,
  text,
} from '@banyan/northwind';
import {
  type LegacyAnswer,
  type LegacyRequest,
  type LegacyRoute,
  moneyFromReal,
  type V2Problem,
} from '@banyan/transformer';
import { CURRENCY } from '../currency.js';
import { basisPointsFromReal } from '../discount.js';
import type { OrderRow } from './order-row.js';

const columns = {
  CustomerID: code(5),
  EmployeeID: smallint(),
  OrderDate: date(),
  RequiredDate: date(),
  ShippedDate: date(),
  ShipVia: smallint(),
  Freight: real(),
  ShipName: text(40),
  ShipAddress: text(60),
  ShipCity: text(15),
  ShipRegion: text(15),
  ShipPostalCode: text(10),
  ShipCountry: text(15),
  PoNumber: text(40),
};
const detailColumns = {
  ProductID: required(smallint()),
  UnitPrice: required(real({ min: 0 })),
  Quantity: required(smallint({ min: 1 })),
  Discount: required(real({ min: 0, max: 1 })),
};
/** ProductID is looked up before it is stored: a number too large is no product. */
const { ProductID: _, ...storedWithProduct } = detailColumns;
const shipment = { ShippedDate: required(date()), ShipVia: smallint() };

const table: TableRoutes = {
  path: '/api/orders',
  id: 'OrderID',
  idOfPath: numberOfPath,
  searches: { CustomerID: columns.CustomerID, PoNumber: columns.PoNumber },
};

export const orderSearches = {
  CustomerID: `
    select id as key from v2.orders
    where customer_id in (select key from v2.link where entity = 'customer' and legacy_id = $1)`,
  // An order born in V2 without a number carries its id as a stamp in legacy's row.
  PoNumber: `
    select id as key from v2.orders where po_number = $1
    union all
    select id from v2.orders
    where po_number is null and placed_at is not null
      and id = case when $1 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then $1::uuid end`,
};

export const orderRoutes: readonly LegacyRoute<OrderRow>[] = [
  listRoute(table),
  oneRoute(table),
  createRoute(
    table,
    (request) => {
      const body = recordOf(request);
      // Legacy numbers orders, so the same body twice is two. A client that cares gives its own number.
      const creation = body.poNumber === null || body.poNumber === '' ? {} : { key: body.poNumber };
      return { method: 'POST', path: '/v2/order-records', body, creation };
    },
    refusalOf,
  ),
  changeRoute(table, {
    name: 'replace',
    method: 'PUT',
    command: (request) => ({ method: 'PUT', path: '/v2/orders/{id}/record', body: recordOf(request) }),
    refusals: refusalOf,
  }),
  changeRoute(table, {
    name: 'delete',
    method: 'DELETE',
    command: () => ({ method: 'DELETE', path: '/v2/orders/{id}/record', body: {} }),
  }),
  changeRoute(table, {
    name: 'ship',
    method: 'POST',
    verb: '/ship',
    command: (request) => {
      const { ShippedDate, ShipVia } = readBody(shipment, request);
      // Without ShipVia the shipper stays.
      const body = { shippedOn: ShippedDate, ...(ShipVia === null ? {} : { shipperId: ShipVia }) };
      return { method: 'POST', path: '/v2/orders/{id}/shipment', body };
    },
  }),
];

/** Throws `LegacyRefused`. */
function recordOf(request: LegacyRequest) {
  const body = jsonBody(request);
  const values = readFields(columns, body);
  if (!Array.isArray(body.Details)) throw refused('Details must be a list.');
  const details = body.Details.map((line: unknown, index) =>
    readFields(detailColumns, asObject(line, `Details[${index}]`)),
  );
  requireStorable(columns, values);
  for (const detail of details) requireStorable(storedWithProduct, detail);
  const { CustomerID, Freight } = values;
  return {
    customer: CustomerID === null ? null : { legacyId: CustomerID },
    employeeId: values.EmployeeID,
    orderedOn: values.OrderDate,
    requiredOn: values.RequiredDate,
    shippedOn: values.ShippedDate,
    shipperId: values.ShipVia,
    freight: Freight === null ? null : exactly(() => moneyFromReal('Freight', Freight, CURRENCY)),
    shipTo: {
      name: values.ShipName,
      street: values.ShipAddress,
      city: values.ShipCity,
      region: values.ShipRegion,
      postalCode: values.ShipPostalCode,
      country: values.ShipCountry,
    },
    poNumber: values.PoNumber,
    lines: details.map(({ ProductID, UnitPrice, Quantity, Discount }, index) => ({
      product: { legacyId: String(ProductID) },
      unitPrice: exactly(() => moneyFromReal(`Details[${index}].UnitPrice`, UnitPrice, CURRENCY)),
      quantity: Quantity,
      discountBasisPoints: exactly(() => basisPointsFromReal(`Details[${index}].Discount`, Discount)),
    })),
  };
}

/** Legacy looks for the products first, of which it names the smallest, and leaves customers and repeated lines to the database. */
function refusalOf({ code, errors = [] }: V2Problem): LegacyAnswer | undefined {
  if (code === 'ORDER_PRODUCT_TWICE') {
    return databaseError('duplicate key value violates unique constraint "pk_order_details"');
  }
  if (code !== 'API_REFERENCE_UNKNOWN') return undefined;
  const named = errors.flatMap(({ path, value }) => {
    const legacyId = legacyIdIn(value);
    return legacyId === undefined ? [] : [{ isProduct: path.startsWith('lines['), legacyId }];
  });
  const products = named.filter(({ isProduct }) => isProduct).map(({ legacyId }) => Number(legacyId));
  if (products.length > 0) return plainText(400, `Product ${Math.min(...products)} does not exist.`);
  const customer = named[0]?.legacyId;
  if (customer === undefined) return undefined;
  return databaseError(
    'insert or update on table "orders" violates foreign key constraint "fk_orders_customers"',
    `Key (customer_id)=(${customer}) is not present in table "customers".`,
  );
}

function legacyIdIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('legacyId' in value)) return undefined;
  return typeof value.legacyId === 'string' ? value.legacyId : undefined;
}
