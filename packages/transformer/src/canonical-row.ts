import { z } from 'zod';
import { UnmappableRow } from './legacy-definition.js';
import type { LegacyRow } from './legacy-row.js';
import { isPlainDate } from './plain-date.js';
import { asReal } from './real.js';

/** Schemas of legacy columns, by their PostgreSQL type. What SQL and HTTP give for one value becomes one value. */
export const column = {
  text: z.string(),
  smallint: z.int().min(-32768).max(32767),
  integer: z.int().min(-2147483648).max(2147483647),
  real: z.number().transform(asReal),
  date: z.string().refine(isPlainDate, 'is no day yyyy-mm-dd'),
} as const;

/**
 * Checks a raw row against its schema. The schema is strict: a column that nobody maps would be erased by the next whole
 * row that is written back, so it is said before anything is lost.
 * Throws `UnmappableRow` with the path, the value there and what is wrong with it.
 */
export function canonicalRow<R extends LegacyRow>(schema: z.ZodType<R>, raw: unknown): R {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])];
  throw new UnmappableRow(pathText(path), valueAt(raw, path), reasonOf(issue));
}

function reasonOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return 'is a column that the mapping does not know; map it or declare it';
  return issue?.message ?? 'is no row';
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.replace(/^\./, '') || '(row)';
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    raw,
  );
}
