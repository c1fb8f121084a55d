import type { Contact } from '@banyan/contracts/events/northwind.customer.v1';

export const NO_CONTACT: Contact = { givenName: null, familyName: null, displayName: null };

/**
 * Takes legacy's one name apart where that is no guess: two words with one space between them. Everything else is kept as
 * written, so `contactName` gives back what was read, to the last space.
 */
export function contactOf(name: string | null): Contact {
  if (name === null) return NO_CONTACT;
  const [, givenName, familyName] = /^(\S+) (\S+)$/.exec(name) ?? [];
  return givenName === undefined || familyName === undefined
    ? { ...NO_CONTACT, displayName: name }
    : { givenName, familyName, displayName: null };
}

/** The name as legacy writes it. */
export function contactName(contact: Contact): string | null {
  if (contact.displayName !== null) return contact.displayName;
  const parts = [contact.givenName, contact.familyName].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}
