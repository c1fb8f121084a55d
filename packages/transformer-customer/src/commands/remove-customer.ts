import { event } from '@banyan/contracts';
import { type CustomerEvent, CustomerRemoved } from '@banyan/contracts/events/northwind.customer.v1';
import { type CommandDefinition, requireExisting, textSchema } from '@banyan/transformer';
import { z } from 'zod';
import type { Customer } from '../customer.js';

const body = z.strictObject({ reason: textSchema(500).nullable().default(null) });

export const removeCustomer: CommandDefinition<Customer, CustomerEvent, z.infer<typeof body>> = {
  name: 'RemoveCustomer',
  summary: 'Remove a customer. Legacy refuses this for a customer that has orders.',
  http: { method: 'DELETE', path: '/v2/customers/:id' },
  body,
  decide(command, state, context) {
    requireExisting(state, 'customer', context.id);
    return event(CustomerRemoved, { reason: command.reason });
  },
};
