/** Run once each, in order, by the projector. A name that has run is never changed: add another one. */
export const migrations = [
  {
    name: 'customer-001-customers',
    sql: `
      create table v2.customers (
        id uuid primary key,
        code text not null,
        company_name text not null,
        contact_given_name text,
        contact_family_name text,
        contact_display_name text,
        contact_title text,
        street text,
        city text,
        region text,
        postal_code text,
        country text,
        phone text,
        fax text
      );
      create index customers_code on v2.customers (code);
    `,
  },
] as const;
