import { event } from '@banyan/contracts';
import { CustomerChanged, type CustomerEvent } from '@banyan/contracts/events/northwind.customer.v1';
import { type CommandDefinition, CommandRefused, equalJson, requireExisting } from '@banyan/transformer';
import { z } from 'zod';
import type { Customer } from '../customer.js';
import { codeSchema, contactFrom, customerFields, eventData } from './customer-body.js';

/** The whole customer. The code may be sent back as it was read; it cannot be changed. */
const body = z.strictObject({ code: codeSchema.optional(), ...customerFields });

export const changeCustomer: CommandDefinition<Customer, CustomerEvent, z.infer<typeof body>> = {
  name: 'ChangeCustomer',
  summary: 'Replace all data of a customer but its code.',
  http: { method: 'PUT', path: '/v2/customers/:id' },
  body,
  decide(command, state, context) {
    const before = requireExisting(state, 'customer', context.id);
    const { code = before.code, contact, ...fields } = command;
    if (code !== before.code) {
      throw new CommandRefused(
        'CUSTOMER_CODE_FIXED',
        `Customer ${before.code} cannot become ${code}: the code is its id in the legacy system; register another customer.`,
        { code: before.code, wanted: code },
      );
    }
    const after: Customer = { code, ...fields, contact: contactFrom(contact, before.contact) };
    return equalJson(before, after) ? undefined : event(CustomerChanged, eventData(after));
  },
};
