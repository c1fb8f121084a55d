import {
  changeRoute,
  code,
  codeOfPath,
  createRoute,
  databaseError,
  listRoute,
  oneRoute,
  readBody,
  required,
  type TableRoutes,
  text,
  type Values,
} from '@banyan/northwind';
import type { LegacyRoute } from '@banyan/transformer';
import type { CustomerRow } from './customer-row.js';

const columns = {
  CompanyName: required(text(40)),
  ContactName: text(30),
  ContactTitle: text(30),
  Address: text(60),
  City: text(15),
  Region: text(15),
  PostalCode: text(10),
  Country: text(15),
  Phone: text(24),
  Fax: text(24),
};
const newColumns = { CustomerID: required(code(5)), ...columns };

const table: TableRoutes = {
  path: '/api/customers',
  id: 'CustomerID',
  idOfPath: codeOfPath,
  searches: {},
};

export const customerRoutes: readonly LegacyRoute<CustomerRow>[] = [
  listRoute(table),
  oneRoute(table),
  createRoute(
    table,
    (request) => {
      const values = readBody(newColumns, request);
      return {
        method: 'POST',
        path: '/v2/customers',
        body: { code: values.CustomerID, ...fieldsOf(values) },
        // The id is in the body and legacy refuses a second one: a repeat needs no key, it gets legacy's words.
        legacyId: values.CustomerID,
      };
    },
    ({ code }, request) => {
      if (code !== 'CUSTOMER_EXISTS') return undefined;
      const { CustomerID } = readBody(newColumns, request);
      return databaseError(
        'duplicate key value violates unique constraint "pk_customers"',
        `Key (customer_id)=(${CustomerID}) already exists.`,
      );
    },
  ),
  changeRoute(table, {
    name: 'replace',
    method: 'PUT',
    // The id is that of the path, whatever the body says.
    command: (request) => ({
      method: 'PUT',
      path: '/v2/customers/{id}',
      body: fieldsOf(readBody(columns, request)),
    }),
  }),
  changeRoute(table, {
    name: 'delete',
    method: 'DELETE',
    command: () => ({ method: 'DELETE', path: '/v2/customers/{id}', body: {} }),
  }),
];

function fieldsOf(values: Values<typeof columns>) {
  return {
    companyName: values.CompanyName,
    contact: { fullName: values.ContactName },
    contactTitle: values.ContactTitle,
    address: {
      street: values.Address,
      city: values.City,
      region: values.Region,
      postalCode: values.PostalCode,
      country: values.Country,
    },
    phone: values.Phone,
    fax: values.Fax,
  };
}
