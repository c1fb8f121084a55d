import { type Pool, query } from '@banyan/postgres';
import type { Column, ColumnType, Table } from './column.js';
import type { IdentityKind } from './field-list.js';
import { refused } from './refused.js';

export interface TableWish {
  readonly table: string;
  /** Columns that are not to be carried over. */
  readonly without: readonly string[];
  readonly identity: IdentityKind;
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly maxLength: number | null;
  readonly nullable: boolean;
  /** Legacy gives a value where none is given. */
  readonly filled: boolean;
  /** Computed by the database: nobody can write it. */
  readonly generated: boolean;
}

interface ConstraintRow {
  readonly kind: 'p' | 'c' | 'u' | 'f' | 'referrer';
  readonly name: string;
  readonly columns: readonly string[];
  readonly definition: string;
  readonly other: string | null;
}

/**
 * Reads what a table of legacy's is made of. Only the catalogue is read, and of a natural key whether it is written in its one form.
 * Throws `GENERATOR_REFUSED` with every column that cannot be carried over safely, and what to do about it.
 */
export async function readTable(legacy: Pool, wish: TableWish): Promise<Table> {
  const quoted = `"${wish.table}"`;
  // By `to_regclass`, so that the search path decides, as it does for the package's reader.
  const columns = await query<ColumnRow>(legacy, COLUMNS, [quoted]);
  // The catalogue, since information_schema hides constraints from whoever may only read.
  const constraints = await query<ConstraintRow>(legacy, CONSTRAINTS, [quoted]);
  if (columns.length === 0) {
    const tables = await query<{ name: string }>(legacy, TABLES);
    const known = tables.map(({ name }) => name).join(', ') || 'none';
    throw refused([`Legacy has no table ${wish.table} that may be read; there are: ${known}.`]);
  }
  const key = keyOf(wish, columns, constraints);
  const table = tableOf(wish, columns, constraints, key);
  return { ...table, notes: [...table.notes, ...(await keyNotes(legacy, wish, key.column.name))] };
}

interface Key {
  readonly column: ColumnRow;
  readonly constraint: string;
}

function keyOf({ table }: TableWish, columns: readonly ColumnRow[], constraints: readonly ConstraintRow[]): Key {
  const primary = constraints.find(({ kind }) => kind === 'p');
  const column = columns.find(({ name }) => name === primary?.columns[0]);
  if (primary === undefined || column === undefined) {
    throw refused([`${table} has no primary key: without one nobody can say which row is which entity.`]);
  }
  if (primary.columns.length > 1) {
    throw refused([
      `The key of ${table} is ${primary.columns.join(', ')}: its rows are parts of another entity. Nest them there, as order does with its lines.`,
    ]);
  }
  return { column, constraint: primary.name };
}

function tableOf(
  { table, without, identity }: TableWish,
  columns: readonly ColumnRow[],
  constraints: readonly ConstraintRow[],
  key: Key,
): Table {
  const problems = without
    .filter((name) => !columns.some((column) => column.name === name))
    .map((name) => `${table} has no column ${name} that could be left out.`);
  const kept = columns.filter(({ name }) => name !== key.column.name && !without.includes(name));
  for (const { name, nullable, filled } of columns.filter((column) => without.includes(column.name))) {
    if (name === key.column.name) problems.push(`${table}.${name} is the key: it cannot be left out.`);
    else if (!nullable && !filled) {
      problems.push(`${table}.${name} cannot be left out: legacy requires it and has no default for it.`);
    }
  }
  const mapped = kept.flatMap((column) => {
    const type = column.generated ? undefined : typeOf(column);
    if (type !== undefined) return [{ name: column.name, type, nullable: column.nullable }];
    problems.push(
      `${table}.${column.name} is ${column.generated ? 'computed by the database' : describe(column)}: it cannot be carried over without somebody's decision. ` +
        `Leave it out (from-table=${table} without ${[...without, column.name].join(', ')}) and map it by hand, see docs/how-to/add-an-entity.md.`,
    );
    return [];
  });
  const keyColumn = keyTypeOf(key.column, table, identity, problems);
  if (problems.length > 0 || keyColumn === undefined) throw refused(problems);
  return {
    name: table,
    key: keyColumn,
    keyConstraint: key.constraint,
    columns: mapped,
    leftOut: without,
    notes: [...columnNotes(table, mapped), ...constraintNotes(table, constraints)],
  };
}

function keyTypeOf(column: ColumnRow, table: string, identity: IdentityKind, problems: string[]): Column | undefined {
  const type = typeOf(column);
  if (identity === 'natural-key' && type?.kind === 'text' && type.maxLength !== undefined) {
    return { name: column.name, type, nullable: false };
  }
  if (identity === 'assigned-by-legacy' && (type?.kind === 'smallint' || type?.kind === 'integer')) {
    if (column.filled) return { name: column.name, type, nullable: false };
    problems.push(`${table}.${column.name} has no default: legacy does not assign it, so somebody else does.`);
    return undefined;
  }
  problems.push(
    identity === 'natural-key'
      ? `${table}.${column.name} is ${describe(column)}: a natural key is a varchar(n). Numbers that legacy assigns are assigned-by-legacy.`
      : `${table}.${column.name} is ${describe(column)}: legacy assigns smallint or integer. An id that people give is a natural-key.`,
  );
  return undefined;
}

function typeOf({ type, maxLength }: ColumnRow): ColumnType | undefined {
  switch (type) {
    case 'text':
      return { kind: 'text' };
    case 'character varying':
      return maxLength === null ? { kind: 'text' } : { kind: 'text', maxLength };
    case 'smallint':
    case 'integer':
    case 'real':
    case 'date':
      return { kind: type };
    default:
      // Padded, rounded, with a zone, beyond what JSON holds: each of them needs a decision about its form in V2.
      return undefined;
  }
}

function describe({ type, maxLength }: ColumnRow): string {
  return maxLength === null ? type : `${type}(${maxLength})`;
}

function columnNotes(table: string, columns: readonly Column[]): string[] {
  return columns
    .filter(({ type }) => type.kind === 'real')
    .map(
      ({ name }) =>
        `${table}.${name} is a number of about seven digits; if it is money, do as transformer-product does.`,
    );
}

function constraintNotes(table: string, constraints: readonly ConstraintRow[]): string[] {
  return constraints.flatMap(({ kind, columns, definition, other }) => {
    switch (kind) {
      case 'f':
        return [
          `${table}.${columns.join(', ')} refers to ${other}: kept as legacy's value; see the how-to for a reference.`,
        ];
      case 'referrer':
        return [`${other} refers to ${table}: legacy refuses to delete a row that is referred to.`];
      case 'c':
      case 'u':
        return [`Legacy holds ${definition}; a rule that legacy holds belongs in \`decide\` too.`];
      default:
        return [];
    }
  });
}

/** Keys that differ in case or space alone would be two rows of legacy and one entity. */
async function keyNotes(legacy: Pool, { table, identity }: TableWish, key: string): Promise<string[]> {
  if (identity !== 'natural-key') return [];
  const [counted] = await query<{ odd: number }>(
    legacy,
    `select count(*)::int as odd from "${table}" where "${key}" <> upper(btrim("${key}"))`,
  );
  if (counted === undefined || counted.odd === 0) return [];
  return [
    `${counted.odd} rows have a ${key} that is not in capitals without space around it: they will be told as not mappable.`,
  ];
}

const TABLES = `
  select table_name as name from information_schema.tables
  where table_schema = any(current_schemas(false)) order by table_name limit 30`;

const COLUMNS = `
  select c.column_name::text as name, c.data_type::text as type, c.character_maximum_length::int as "maxLength",
    c.is_nullable = 'YES' as nullable, c.column_default is not null or c.is_identity = 'YES' as filled,
    c.is_generated = 'ALWAYS' as generated
  from information_schema.columns c
  join pg_class t on t.oid = to_regclass($1) and t.relname = c.table_name
  join pg_namespace n on n.oid = t.relnamespace and n.nspname = c.table_schema
  order by c.ordinal_position`;

const CONSTRAINTS = `
  select case when con.conrelid = to_regclass($1) then con.contype::text else 'referrer' end as kind,
    con.conname::text as name, pg_get_constraintdef(con.oid) as definition,
    case when con.contype <> 'f' then null
      when con.conrelid = to_regclass($1) then con.confrelid::regclass::text
      else con.conrelid::regclass::text end as other,
    array(
      select a.attname::text from unnest(con.conkey) with ordinality as k (number, at)
      join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.number order by k.at) as columns
  from pg_constraint con
  where (con.conrelid = to_regclass($1) and con.contype in ('p', 'c', 'u', 'f'))
    or (con.confrelid = to_regclass($1) and con.contype = 'f')
  order by con.conname`;
