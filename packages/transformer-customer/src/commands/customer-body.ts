import type { Contact, CustomerChangedData } from '@banyan/contracts/events/northwind.customer.v1';
import { textSchema } from '@banyan/transformer';
import { z } from 'zod';
import { contactName, contactOf, NO_CONTACT } from '../contact.js';
import type { Customer } from '../customer.js';

/** Lengths are those of legacy's columns: what does not fit there is refused here, before it is in the log. */
const LEGACY_CONTACT_NAME_LENGTH = 30;

const name = textSchema(LEGACY_CONTACT_NAME_LENGTH).min(1).nullable().default(null);

const contactSchema = z
  .strictObject({
    givenName: name,
    familyName: name,
    displayName: textSchema(LEGACY_CONTACT_NAME_LENGTH).nullable().default(null),
  })
  .refine(
    ({ givenName, familyName, displayName }) =>
      displayName === null ? (givenName === null) === (familyName === null) : givenName === null && familyName === null,
    'must have givenName and familyName, or displayName alone, or none',
  )
  .refine(
    (contact) => [...(contactName(contact) ?? '')].length <= LEGACY_CONTACT_NAME_LENGTH,
    `must have at most ${LEGACY_CONTACT_NAME_LENGTH} characters, both names and the space between them counted`,
  );

const fullNameSchema = z.strictObject({ fullName: textSchema(LEGACY_CONTACT_NAME_LENGTH).nullable() }).meta({
  description: 'The whole name as one text; two words are taken apart, a name that is the same stays as it is.',
});

const optionalText = (maxCharacters: number) => textSchema(maxCharacters).nullable().default(null);

const addressSchema = z.strictObject({
  street: optionalText(60),
  city: optionalText(15),
  region: optionalText(15),
  postalCode: optionalText(10),
  country: optionalText(15),
});

/** What RegisterCustomer and ChangeCustomer say alike. */
export const customerFields = {
  companyName: textSchema(40).min(1),
  contact: z.union([contactSchema, fullNameSchema]).default(NO_CONTACT),
  contactTitle: optionalText(30),
  address: addressSchema.default({ street: null, city: null, region: null, postalCode: null, country: null }),
  phone: optionalText(24),
  fax: optionalText(24),
} as const;

type ContactGiven = z.infer<typeof customerFields.contact>;

/** @param before how the name is taken apart already: who gives the same name as one text says nothing about that */
export function contactFrom(given: ContactGiven, before: Contact = NO_CONTACT): Contact {
  if (!('fullName' in given)) return given;
  return given.fullName === contactName(before) ? before : contactOf(given.fullName);
}

/** Capitals, as legacy keeps it; given in any case. */
export const codeSchema = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9]{1,5}$/, 'must be one to five letters or digits')
  .meta({ description: 'Five letters: ALFKI. It is the id in the legacy system and never changes.' });

export function eventData(customer: Customer): CustomerChangedData {
  const { code, companyName, contact, contactTitle, address, phone, fax } = customer;
  return { customerCode: code, companyName, contact, contactTitle, address, phone, fax };
}
