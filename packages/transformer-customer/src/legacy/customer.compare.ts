import type { CompareDefinition } from '@banyan/transformer';

export const customerCompare: CompareDefinition = {
  ignores: [],
  losses: [
    {
      name: 'contact-split-not-in-legacy',
      reason:
        'Legacy keeps one contact name. V2 takes it apart only where it is two words; a split that V2 was told otherwise is kept until legacy changes the name.',
    },
    { name: 'removal-reason-not-in-legacy', reason: 'Legacy deletes the row; why is only in the event.' },
  ],
};
