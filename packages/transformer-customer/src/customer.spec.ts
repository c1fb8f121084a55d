import { event } from '@banyan/contracts';
import {
  CustomerChanged,
  type CustomerChangedData,
  CustomerImported,
  CustomerRegistered,
  CustomerRemoved,
  CustomerVanished,
} from '@banyan/contracts/events/northwind.customer.v1';
import { checkLawOfRestating, scenariosOf } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import { changeCustomer } from './commands/change-customer.js';
import { registerCustomer } from './commands/register-customer.js';
import { removeCustomer } from './commands/remove-customer.js';
import { customer } from './index.js';

const { givenEvents } = scenariosOf(customer);

const fields = {
  companyName: 'Alfreds Futterkiste',
  contact: { givenName: 'Anna Maria', familyName: 'Anders', displayName: null },
  contactTitle: 'Owner',
  address: { street: 'Obere Str. 57', city: 'Berlin', region: null, postalCode: '12209', country: 'Germany' },
  phone: '030-0074321',
  fax: null,
};
const data: CustomerChangedData = { customerCode: 'ALFKI', ...fields };
const registered = event(CustomerRegistered, data);
const importedAs = (change: Partial<CustomerChangedData>) =>
  event(CustomerImported, { legacyId: 'ALFKI', ...data, ...change });

describe('RegisterCustomer', () => {
  it('registers a customer under a new code, in capitals however it was typed', () => {
    const { state } = givenEvents()
      .whenCommand(registerCustomer, { code: ' alfki ', ...fields })
      .thenEvent(registered);
    expect(state).toEqual({ code: 'ALFKI', ...fields });
  });

  it('takes what is not said for unknown', () => {
    const empty = { givenName: null, familyName: null, displayName: null };
    const nowhere = { street: null, city: null, region: null, postalCode: null, country: null };
    givenEvents()
      .whenCommand(registerCustomer, { code: 'ALFKI', companyName: 'A' })
      .thenEvent(
        event(CustomerRegistered, {
          customerCode: 'ALFKI',
          companyName: 'A',
          contact: empty,
          contactTitle: null,
          address: nowhere,
          phone: null,
          fax: null,
        }),
      );
  });

  it('names the legacy id that its code will be', () => {
    expect(registerCustomer.legacyIdOf?.({ code: 'ALFKI', ...fields })).toBe('ALFKI');
  });

  it('refuses a code that is taken', () => {
    givenEvents(registered)
      .whenCommand(registerCustomer, { code: 'ALFKI', ...fields })
      .thenRefused('CUSTOMER_EXISTS');
  });

  it('may take the code of a customer that was removed', () => {
    givenEvents(registered, event(CustomerRemoved, { reason: null }))
      .whenCommand(registerCustomer, { code: 'ALFKI', ...fields })
      .thenEvent(registered);
  });

  it.each([
    ['code', { code: 'ALFKIX' }],
    ['code', { code: 'A/B' }],
    ['code', { code: '' }],
    ['companyName', { companyName: '' }],
    ['companyName', { companyName: 'x'.repeat(41) }],
    ['phone', { phone: 'x'.repeat(25) }],
    ['address.city', { address: { city: 'x'.repeat(16) } }],
    ['contact', { contact: { givenName: 'Maria' } }],
    ['contact', { contact: { givenName: 'Maria', familyName: 'Anders', displayName: 'Maria Anders' } }],
    ['contact', { contact: { givenName: 'x'.repeat(15), familyName: 'y'.repeat(15) } }],
    ['fax', { fax: 'a\u0000b' }],
    ['', { fox: 'unknown field' }],
  ])('finds what legacy cannot hold at %j: %j', (path, change) => {
    givenEvents()
      .whenCommand(registerCustomer, { code: 'ALFKI', ...fields, ...change })
      .thenMalformed(path);
  });
});

describe('ChangeCustomer', () => {
  it('replaces all but the code', () => {
    const { code: _, ...moved } = { code: 'ALFKI', ...fields, phone: '1' };
    givenEvents(registered)
      .whenCommand(changeCustomer, moved)
      .thenEvent(event(CustomerChanged, { ...data, phone: '1' }));
  });

  it('takes back what was read, and nothing happens', () => {
    givenEvents(registered)
      .whenCommand(changeCustomer, { code: 'ALFKI', ...fields })
      .thenNothing();
  });

  it('refuses another code', () => {
    givenEvents(registered)
      .whenCommand(changeCustomer, { code: 'OTHER', ...fields })
      .thenRefused('CUSTOMER_CODE_FIXED');
  });

  it('refuses a customer that is not there', () => {
    givenEvents().whenCommand(changeCustomer, fields).thenRefused('CUSTOMER_NOT_FOUND');
  });
});

describe('RemoveCustomer', () => {
  it('removes a customer, with the reason', () => {
    const removed = event(CustomerRemoved, { reason: 'closed' });
    expect(
      givenEvents(registered).whenCommand(removeCustomer, { reason: 'closed' }).thenEvent(removed).state,
    ).toBeUndefined();
  });

  it('refuses a customer that is not there', () => {
    givenEvents().whenCommand(removeCustomer, {}).thenRefused('CUSTOMER_NOT_FOUND');
  });
});

describe('an imported customer', () => {
  it('is the row, whole', () => {
    givenEvents(importedAs({ phone: '1' })).thenState({ code: 'ALFKI', ...fields, phone: '1' });
  });

  it('keeps the split of a name that legacy did not change', () => {
    const whole = { givenName: null, familyName: null, displayName: 'Anna Maria Anders' };
    const back = { type: 'handback', epoch: 1 } as const;
    givenEvents(registered, back, importedAs({ contact: whole, phone: '1' })).thenState({
      code: 'ALFKI',
      ...fields,
      phone: '1',
    });
    const other = { ...whole, displayName: 'Anna Maria Schmidt' };
    expect(givenEvents(registered, back, importedAs({ contact: other })).state?.contact).toEqual(other);
  });

  it('is gone when its row is', () => {
    givenEvents(importedAs({}), event(CustomerVanished, { legacyId: 'ALFKI' })).thenState(undefined);
  });
});

describe('a restated customer', () => {
  it('is what the operator says, whatever it was', () => {
    const { state } = givenEvents(registered);
    expect(() => checkLawOfRestating(customer, state === undefined ? [] : [state])).not.toThrow();
  });
});
