import { BanyanError } from '@banyan/core';

/**
 * A schema, table, column or channel name that may stand in SQL text. Only names that need no quoting are let through, so
 * that a name can never carry SQL. Throws `POSTGRES_BAD_IDENTIFIER`.
 */
export function identifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
    throw new BanyanError(
      'POSTGRES_BAD_IDENTIFIER',
      `${JSON.stringify(name)} cannot be a name in PostgreSQL here: use a-z, 0-9 and _, at most 63 characters.`,
      { data: { name } },
    );
  }
  return `"${name}"`;
}

/** A column type as entity definitions give it: `uuid`, `numeric(10,2)`, `timestamp with time zone`. Throws `POSTGRES_BAD_IDENTIFIER`. */
export function columnType(type: string): string {
  if (!/^[a-z][a-z0-9_ ]*(\(\d+(, ?\d+)?\))?$/.test(type)) {
    throw new BanyanError(
      'POSTGRES_BAD_IDENTIFIER',
      `${JSON.stringify(type)} cannot be a column type here: use a plain type name (no arrays, keep lists as jsonb).`,
      { data: { type } },
    );
  }
  return type;
}
