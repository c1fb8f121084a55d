import type { CompareDefinition } from '@banyan/transformer';

export const orderCompare: CompareDefinition = {
  ignores: [],
  losses: [
    {
      name: 'cancelled-order-is-deleted-row',
      reason:
        'Legacy has no status: a cancelled order is a deleted row there and a kept document here, reason and all.',
    },
    { name: 'placed-at-not-in-legacy', reason: 'Legacy keeps the day of an order; the instant is in V2 alone.' },
    { name: 'line-order-not-in-legacy', reason: 'Legacy keeps lines by product; an import brings them in that order.' },
    {
      name: 'currency-not-in-legacy',
      reason: 'Legacy keeps bare amounts, all of them USD; other currencies are refused.',
    },
    {
      name: 'po-number-stamp',
      reason:
        'An order placed in V2 without a number of the client carries its V2 id in PoNumber; whoever empties it in legacy sees it again after the next port.',
    },
  ],
};
