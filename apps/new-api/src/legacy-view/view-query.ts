import type { LegacyViewQuery } from '@banyan/transformer';
import { z } from 'zod';
import { validate } from '../commands/validate.js';

const MAX_IDS = 1_000;
const FILTER = 'filter.';

const positive = (max: number) => z.coerce.number().int().min(1).max(max).optional();
const fields = z
  .strictObject({
    ids: z
      .string()
      .transform((list) => list.split(','))
      .pipe(z.array(z.string().min(1)).max(MAX_IDS))
      .optional(),
    page: positive(1_000_000),
    size: positive(1_000),
    filter: z.record(z.string(), z.string()),
  })
  .refine(({ page, size }) => page === undefined || size !== undefined, { path: ['page'], message: 'needs size' })
  .refine(
    ({ ids, page, size, filter }) =>
      ids === undefined || (page === undefined && size === undefined && Object.keys(filter).length === 0),
    { path: ['ids'], message: 'is given alone' },
  );

/** `?ids=1,2`, or `?page=&size=&filter.<name>=`. Throws `API_QUERY_INVALID`. */
export function viewQueryOf(query: Readonly<Record<string, unknown>>): LegacyViewQuery {
  const filters = Object.entries(query).filter(([name]) => name.startsWith(FILTER));
  const others = Object.entries(query).filter(([name]) => !name.startsWith(FILTER));
  const { ids, page, size, filter } = validate('API_QUERY_INVALID', 'The query string', fields, {
    ...Object.fromEntries(others),
    filter: Object.fromEntries(filters.map(([name, value]) => [name.slice(FILTER.length), value])),
  });
  return {
    ...(ids === undefined ? {} : { ids }),
    ...(page === undefined ? {} : { page }),
    ...(size === undefined ? {} : { size }),
    filter,
  };
}
