import { createUnderGivenId, tableTarget } from '@banyan/northwind';
import type { PortDefinition } from '@banyan/transformer';
import { contactName } from '../contact.js';
import type { Customer } from '../customer.js';
import type { CustomerRow } from './customer-row.js';

const PATH = '/api/customers';

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
  target: tableTarget(PATH, createUnderGivenId(PATH)),
};
