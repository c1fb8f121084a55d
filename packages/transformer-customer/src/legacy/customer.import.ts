import { event } from '@banyan/contracts';
import { type CustomerEvent, CustomerImported, CustomerVanished } from '@banyan/contracts/events/northwind.customer.v1';
import { canonicalCode, UnmappableRow } from '@banyan/transformer';
import { contactOf } from '../contact.js';
import type { CustomerRow } from './customer-row.js';

/** Throws `UnmappableRow` for an id that is not written in its one form. */
export function importRow(row: CustomerRow): CustomerEvent {
  const code = row.CustomerID;
  // `alfki` and `ALFKI` would be two rows of legacy and one customer here: the second would cover the first.
  if (code.trim() === '' || canonicalCode(code) !== code) {
    throw new UnmappableRow('CustomerID', code, 'is not in capitals without space around it; correct it in legacy');
  }
  return event(CustomerImported, {
    legacyId: code,
    customerCode: code,
    companyName: row.CompanyName,
    contact: contactOf(row.ContactName),
    contactTitle: row.ContactTitle,
    address: {
      street: row.Address,
      city: row.City,
      region: row.Region,
      postalCode: row.PostalCode,
      country: row.Country,
    },
    phone: row.Phone,
    fax: row.Fax,
  });
}

export function importAbsence(legacyId: string): CustomerEvent {
  return event(CustomerVanished, { legacyId });
}
