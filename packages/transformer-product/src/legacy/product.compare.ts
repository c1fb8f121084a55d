import type { CompareDefinition } from '@banyan/transformer';

export const productCompare: CompareDefinition = {
  ignores: [],
  losses: [
    {
      name: 'currency-not-in-legacy',
      reason: 'Legacy keeps bare amounts, all of them USD; other currencies are refused.',
    },
    { name: 'removal-reason-not-in-legacy', reason: 'Legacy deletes the row; why is only in the event.' },
  ],
};
