import { BanyanError } from '@banyan/core';
import type { PositionMove } from './sink-store.js';

export function positionTaken(consumer: string, { partition, expected }: PositionMove): BanyanError {
  return new BanyanError(
    'POSITION_TAKEN',
    `${consumer}, partition ${partition}: the stored position is no longer ${expected}; another member handles it now. Read it anew.`,
    { data: { consumer, partition, expected: String(expected) } },
  );
}
