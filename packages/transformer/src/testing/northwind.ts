import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json } from '../legacy-row.js';

type Row = { readonly [column: string]: Json };

/** Columns of tables that the files do not know: somebody added them to the running system later. */
const LATER: Readonly<Record<string, Row>> = { orders: { PoNumber: null } };
const CHILDREN: Readonly<Record<string, { readonly table: string; readonly key: string; readonly name: string }>> = {
  orders: { table: 'order_details', key: 'OrderID', name: 'Details' },
};

/**
 * All rows of a Northwind table as legacy's API shows them, from the CSV files: PascalCase, children nested, nulls kept, pictures
 * left out. Throws when there is no such file.
 */
export function northwindRows(table: string): readonly Row[] {
  const rows = csvRows(table).map((row) => ({ ...row, ...LATER[table] }));
  const child = CHILDREN[table];
  if (child === undefined) return rows;
  const children = Map.groupBy(csvRows(child.table), (row) => row[child.key]);
  return rows.map((row) => {
    const own = (children.get((row as Row)[child.key]) ?? []).map(({ [child.key]: _, ...rest }) => rest);
    return { ...row, [child.name]: own };
  });
}

function csvRows(table: string): readonly Row[] {
  const [header = [], ...lines] = parseCsv(readFileSync(join(dataDirectory(), `${table}.csv`), 'utf8'));
  const types = columnTypes(table);
  return lines.map((cells) =>
    Object.fromEntries(
      header.flatMap((column, at) => {
        const cell = cells[at] ?? '';
        const type = types.get(column) ?? '';
        if (type.startsWith('bytea')) return [];
        const isNumber = /^(smallint|integer|real)/.test(type);
        return [[pascalCase(column), cell === '' ? null : isNumber ? Number(cell) : cell]];
      }),
    ),
  );
}

function columnTypes(table: string): ReadonlyMap<string, string> {
  const lines = readFileSync(join(dataDirectory(), 'columns.txt'), 'utf8').split('\n');
  const own = lines.filter((line) => line.startsWith(`${table}.`)).map((line) => line.slice(table.length + 1));
  return new Map(own.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

/** RFC 4180: quoted cells, doubled quotes, line breaks in cells. An empty cell is null in these files. */
function parseCsv(content: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (const [, quoted, plain, end] of content.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    record.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
  }
  return records;
}

function pascalCase(column: string): string {
  return column
    .split('_')
    .map((word) => (word === 'id' ? 'ID' : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
}

function dataDirectory(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); at !== dirname(at); at = dirname(at)) {
    const candidate = join(at, 'examples/legacy-northwind/data');
    if (existsSync(candidate)) return candidate;
  }
  throw new Error('examples/legacy-northwind/data is not in any directory above this file.');
}
