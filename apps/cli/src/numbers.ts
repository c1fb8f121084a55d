import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers for commander: what is no number would compare as false with every limit it is held against. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    throw new InvalidArgumentError(`a whole number from ${from} to ${to}`);
  };
}

/** Up to a day. */
export const seconds = wholeNumber(0, 86_400);
