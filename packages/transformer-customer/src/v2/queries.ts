import { pageSchema, type QueryDefinition } from '@banyan/transformer';
import { z } from 'zod';

export const getCustomer: QueryDefinition = {
  type: 'one',
  name: 'GetCustomer',
  summary: 'One customer.',
  path: '/v2/customers/:id',
};

const params = z.strictObject({ ...pageSchema });

export const listCustomers: QueryDefinition = {
  type: 'list',
  name: 'ListCustomers',
  summary: 'Customers by id.',
  path: '/v2/customers',
  params,
  sql({ limit, after }: z.infer<typeof params>) {
    return {
      text: `
        select id, code, company_name as "companyName",
          json_build_object('givenName', contact_given_name, 'familyName', contact_family_name,
            'displayName', contact_display_name) as contact,
          contact_title as "contactTitle",
          json_build_object('street', street, 'city', city, 'region', region, 'postalCode', postal_code,
            'country', country) as address,
          phone, fax
        from v2.customers
        where $2::uuid is null or id > $2
        order by id
        limit $1`,
      values: [limit, after ?? null],
    };
  },
};
