import type { Projection } from '@banyan/transformer';
import type { Customer } from '../customer.js';

export const customerRows: Projection<Customer> = {
  table: 'customers',
  key: 'id',
  columns: {
    id: 'uuid',
    code: 'text',
    company_name: 'text',
    contact_given_name: 'text',
    contact_family_name: 'text',
    contact_display_name: 'text',
    contact_title: 'text',
    street: 'text',
    city: 'text',
    region: 'text',
    postal_code: 'text',
    country: 'text',
    phone: 'text',
    fax: 'text',
  },
  rows(state, id) {
    if (state === undefined) return [];
    const { contact, address } = state;
    return [
      {
        id,
        code: state.code,
        company_name: state.companyName,
        contact_given_name: contact.givenName,
        contact_family_name: contact.familyName,
        contact_display_name: contact.displayName,
        contact_title: state.contactTitle,
        street: address.street,
        city: address.city,
        region: address.region,
        postal_code: address.postalCode,
        country: address.country,
        phone: state.phone,
        fax: state.fax,
      },
    ];
  },
};
