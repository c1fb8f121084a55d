/**
 * Values as the text of a PostgreSQL array, as `pg` writes it, or the values themselves where `pg` has to (bytes, dates). `pg` looks for what
 * must be escaped in numbers and plain words, too, twice; a bulk write has thousands of them in each column.
 */
export function arrayText(values: readonly unknown[]): string | readonly unknown[] {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    const element = elementText(values[index]);
    if (element === undefined) return values;
    text += index === 0 ? element : `,${element}`;
  }
  return `${text}}`;
}

function elementText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'undefined':
      return 'NULL';
    case 'object':
      if (value === null) return 'NULL';
      return isJson(value) ? quoted(JSON.stringify(value)) : undefined;
    default:
      return undefined;
  }
}

function quoted(text: string): string {
  const plain = !text.includes('"') && !text.includes('\\');
  return plain ? `"${text}"` : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Not what `pg` has a text of its own for. */
function isJson(value: object): boolean {
  return !(value instanceof Date || ArrayBuffer.isView(value) || Array.isArray(value) || 'toPostgres' in value);
}
