import { seeded } from '@banyan/core/testing';
import { type Random, under } from '../harness/random.js';
import type { ParcelData } from './events.js';

export interface ParcelChange {
  /** From 0; `idOf` makes the key of it. */
  readonly number: number;
  /** The version of the key it is decided on. */
  readonly on: number;
  readonly data: ParcelData;
}

export type Keys = 'skewed' | 'unique';

/**
 * The same changes for the same arguments. `skewed`: a few keys change all the time and most of them seldom (of the keys with number
 * below n, about half of all changes fall on the first n/16); `unique`: every change is of another key.
 * @param keys how many keys there are; of `unique` as many as changes
 */
export function* parcelChanges(kind: Keys, changes: number, keys: number): Generator<ParcelChange> {
  const random = seeded(7);
  const revisions = new Uint32Array(kind === 'unique' ? 0 : keys);
  for (let index = 0; index < changes; index += 1) {
    const number = kind === 'unique' ? index : Math.floor(keys * random() ** 4);
    const on = kind === 'unique' ? 0 : (revisions[number] as number);
    if (kind === 'skewed') revisions[number] = on + 1;
    yield { number, on, data: parcelData(random, on + 1, index) };
  }
}

/** A UUID of a number: sorted otherwise than counted, as real ones are. */
export function idOf(number: number): string {
  const mixed = (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${mixed}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

const PLACES = ['Rotterdam', 'Münster', 'São Paulo', 'Reims', 'Lyon', 'Graz', 'Bergamo', 'Aachen'];
const CARRIERS = ['Speedy Express', 'United Package', 'Federal Shipping'];

export function parcelData(random: Random, revision: number, index: number): ParcelData {
  const weightGrams = under(random, 30_000);
  return {
    revision,
    status: revision === 1 ? 'announced' : weightGrams % 5 === 0 ? 'delivered' : 'moving',
    place: PLACES[weightGrams % PLACES.length] as string,
    carrier: CARRIERS[weightGrams % CARRIERS.length] as string,
    weightGrams,
    valueCents: weightGrams * 1_000_003,
    currency: 'EUR',
    fragile: weightGrams % 2 === 0,
    note: weightGrams % 3 === 0 ? `leave it with the neighbour at ${weightGrams}` : null,
    dueOn: `2026-${String(1 + (index % 12)).padStart(2, '0')}-${String(1 + (index % 28)).padStart(2, '0')}`,
    movedAt: 1_767_225_600_000 + index * 1_037,
  };
}

/** The number that `idOf` made an id of. */
export function numberOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16);
}
