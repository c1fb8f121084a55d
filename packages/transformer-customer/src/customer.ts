import { event } from '@banyan/contracts';
import {
  type Address,
  type Contact,
  CustomerChanged,
  type CustomerChangedData,
  type CustomerEvent,
  CustomerImported,
  CustomerRegistered,
  CustomerRemoved,
  CustomerRestated,
  type CustomerState,
  CustomerVanished,
} from '@banyan/contracts/events/northwind.customer.v1';
import type { Restatement } from '@banyan/transformer';
import { contactName } from './contact.js';

/** A company that orders. */
export interface Customer {
  /** Five letters given by people: ALFKI. Natural key, also legacy's id; it never changes. */
  readonly code: string;
  readonly companyName: string;
  readonly contact: Contact;
  readonly contactTitle: string | null;
  readonly address: Address;
  readonly phone: string | null;
  readonly fax: string | null;
}

export function evolve(state: Customer | undefined, event: CustomerEvent): Customer | undefined {
  switch (event.type) {
    case CustomerRegistered.name:
    case CustomerChanged.name:
      return customerOf(event.data);
    case CustomerImported.name:
      return keepingSplit(state, customerOf(event.data));
    case CustomerRestated.name:
      return event.data.state === null ? undefined : customerOf(event.data.state);
    case CustomerRemoved.name:
    case CustomerVanished.name:
      return undefined;
  }
}

export const restated: Restatement<Customer, CustomerEvent> = {
  type: CustomerRestated,
  of: (state, why) => event(CustomerRestated, { ...why, state: state === undefined ? null : stateOf(state) }),
};

function stateOf({ code, ...same }: Customer): CustomerState {
  return { customerCode: code, ...same };
}

function customerOf(data: CustomerChangedData): Customer {
  return {
    code: data.customerCode,
    companyName: data.companyName,
    contact: data.contact,
    contactTitle: data.contactTitle,
    address: data.address,
    phone: data.phone,
    fax: data.fax,
  };
}

// Legacy keeps one name. As long as it is still the same one, an import must not forget how V2 was told to take it apart.
function keepingSplit(before: Customer | undefined, imported: Customer): Customer {
  const same = before !== undefined && contactName(before.contact) === contactName(imported.contact);
  return same ? { ...imported, contact: before.contact } : imported;
}
