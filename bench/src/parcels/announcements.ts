import { seeded } from '@banyan/core/testing';
import { under } from '../harness/random.js';

/** What a caller posts; each one has a note of its own, to be known by. */
export interface Announcement {
  readonly place: string;
  readonly carrier: string;
  readonly weightGrams: number;
  readonly valueCents: number;
  readonly currency: string;
  readonly fragile: boolean;
  readonly note: string;
  readonly dueOn: string;
}

export function* announcements(name: string): Generator<Announcement, never> {
  const random = seeded(3);
  for (let number = 0; ; number += 1) {
    const weightGrams = under(random, 30_000);
    yield {
      place: 'Münster',
      carrier: 'Speedy Express',
      weightGrams,
      valueCents: weightGrams * 1_000_003,
      currency: 'EUR',
      fragile: number % 2 === 0,
      note: `${name} ${number}`,
      dueOn: '2026-07-04',
    };
  }
}
