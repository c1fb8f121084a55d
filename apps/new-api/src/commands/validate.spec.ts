import { refSchema } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { validate } from './validate.js';

const schema = z.strictObject({
  lines: z.array(z.strictObject({ product: refSchema, quantity: z.int() })).min(1),
  note: z.string().default(''),
});
const faults = (value: unknown): unknown => {
  try {
    return validate('API_BODY_INVALID', 'The body', schema, value);
  } catch (error) {
    return (error as { data: { errors: unknown } }).data.errors;
  }
};

describe('validate', () => {
  it('gives what the schema makes of it, defaults included', () => {
    expect(faults({ lines: [{ product: { legacyId: '1' }, quantity: 1 }] })).toMatchObject({ note: '' });
  });
  it('names every fault by its path in the body', () => {
    expect(faults({ lines: [{ product: { id: 'x' }, quantity: 1.5, extra: 1 }], other: 1 })).toEqual(
      expect.arrayContaining([
        { path: 'other', message: 'is not a field here' },
        { path: 'lines[0].extra', message: 'is not a field here' },
        expect.objectContaining({ path: 'lines[0].quantity' }),
        { path: 'lines[0].product.id', message: 'Invalid UUID' },
      ]),
    );
    expect(faults({ lines: [{ product: { number: 1 }, quantity: 1 }] })).toEqual([
      { path: 'lines[0].product', message: expect.stringMatching(/\.id: .*, or .*\.legacyId: /) },
    ]);
    expect(faults('text')).toEqual([expect.objectContaining({ path: '' })]);
  });
});
