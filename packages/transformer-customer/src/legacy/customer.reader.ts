import { tableReader } from '@banyan/northwind';
import { type CustomerRow, canonical } from './customer-row.js';

export const customerReader = tableReader<CustomerRow>({
  table: 'customers',
  id: 'CustomerID',
  idIs: 'code',
  columns: {
    CustomerID: 'customer_id',
    CompanyName: 'company_name',
    ContactName: 'contact_name',
    ContactTitle: 'contact_title',
    Address: 'address',
    City: 'city',
    Region: 'region',
    PostalCode: 'postal_code',
    Country: 'country',
    Phone: 'phone',
    Fax: 'fax',
  },
  canonical,
});
