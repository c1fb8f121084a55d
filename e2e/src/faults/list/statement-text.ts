/** A statement by what it does to which table, however it names it and whatever else it does: how it is put together may change. */
export function inserts(schema: string, table: string): RegExp {
  return new RegExp(`insert into ${nameOf(schema, table)}(?!\\w)`, 'i');
}

/** @param what begins what is set, such as `next_offset =` */
export function sets(schema: string, table: string, what: string): RegExp {
  return new RegExp(`update ${nameOf(schema, table)}(?: (?:as )?\\w+)? set [^;]*\\b${what}`, 'i');
}

function nameOf(schema: string, table: string): string {
  return `"?${schema}"?\\."?${table}"?`;
}
