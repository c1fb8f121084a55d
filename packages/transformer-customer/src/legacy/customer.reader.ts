import type { ReaderDefinition } from '@banyan/transformer';
import { type CustomerRow, canonical } from './customer-row.js';

export const customerReader: ReaderDefinition<CustomerRow> = {
  sql: {
    idsAfter: `
      select customer_id as id from customers
      where $1::text is null or customer_id > $1
      order by customer_id
      limit $2`,
    rows: `
      select json_build_object(
        'CustomerID', customer_id, 'CompanyName', company_name, 'ContactName', contact_name,
        'ContactTitle', contact_title, 'Address', address, 'City', city, 'Region', region,
        'PostalCode', postal_code, 'Country', country, 'Phone', phone, 'Fax', fax) as row
      from customers
      where customer_id = any($1::text[])
      order by customer_id`,
  },
  http: {
    page: (page, size) => `/api/customers?page=${page}&size=${size}`,
    one: (legacyId) => `/api/customers/${encodeURIComponent(legacyId)}`,
  },
  canonical,
};
