import { refuses } from '@banyan/northwind';
import type { PortDefinition } from '@banyan/transformer';
import { contactName } from '../contact.js';
import type { Customer } from '../customer.js';
import type { CustomerRow } from './customer-row.js';

const path = (legacyId: string) => `/api/customers/${encodeURIComponent(legacyId)}` as const;

export const customerBackend: PortDefinition<Customer, CustomerRow> = {
  name: 'backend',
  primary: true,
  refsOf: () => [],
  format: ({ code, companyName, contact, contactTitle, address, phone, fax }) => ({
    CustomerID: code,
    CompanyName: companyName,
    ContactName: contactName(contact),
    ContactTitle: contactTitle,
    Address: address.street,
    City: address.city,
    Region: address.region,
    PostalCode: address.postalCode,
    Country: address.country,
    Phone: phone,
    Fax: fax,
  }),
  target: {
    // The code is in the row and legacy refuses a second one: a repeat cannot double.
    create: { deliveryClass: 'idempotent', request: (row) => ({ method: 'POST', path: '/api/customers', body: row }) },
    update: (legacyId, row) => ({ method: 'PUT', path: path(legacyId), body: row }),
    delete: (legacyId) => ({ method: 'DELETE', path: path(legacyId) }),
    refuses,
    settleAfterMs: 3000,
    compareAndSetWindow:
      'between the GET and the write behind it, at most 3 s: legacy has no If-Match, and ends each request at 2 s',
  },
};
