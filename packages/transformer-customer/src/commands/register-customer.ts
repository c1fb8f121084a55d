import { event } from '@banyan/contracts';
import { type CustomerEvent, CustomerRegistered } from '@banyan/contracts/events/northwind.customer.v1';
import { type CommandDefinition, CommandRefused, canonicalCode } from '@banyan/transformer';
import { z } from 'zod';
import type { Customer } from '../customer.js';
import { codeSchema, contactFrom, customerFields, eventData } from './customer-body.js';

const body = z.strictObject({ code: codeSchema, ...customerFields });

export const registerCustomer: CommandDefinition<Customer, CustomerEvent, z.infer<typeof body>> = {
  name: 'RegisterCustomer',
  summary: 'Register a customer under a code that nobody has yet.',
  http: { method: 'POST', path: '/v2/customers' },
  body,
  legacyIdOf: (command) => canonicalCode(command.code),
  decide(command, state) {
    if (state !== undefined) {
      throw new CommandRefused(
        'CUSTOMER_EXISTS',
        `Customer ${command.code} is there already; change it, or take another code.`,
        {
          code: command.code,
        },
      );
    }
    return event(CustomerRegistered, eventData({ ...command, contact: contactFrom(command.contact) }));
  },
};
