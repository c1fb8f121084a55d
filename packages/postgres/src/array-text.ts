/**
 * Values as the text of a PostgreSQL array, as `pg` writes it, or the values themselves where `pg` has to (bytes, dates). `pg` looks for what
 * must be escaped in numbers and plain words, too, twice; a bulk write has thousands of them in each column.
 * @param json what is not text becomes JSON, and text is JSON
 */
export function arrayText(values: readonly unknown[], json = false): string | readonly unknown[] {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    const element = json ? jsonElement(values[index]) : elementText(values[index]);
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
    default:
      return value === null ? 'NULL' : undefined;
  }
}

function jsonElement(value: unknown): string {
  if (value === undefined || value === null) return 'NULL';
  // The text that JSON makes has no control characters, so that JSON's own way to quote it is that of an array, too, and twice as fast.
  return typeof value === 'string' ? quoted(value) : JSON.stringify(JSON.stringify(value));
}

function quoted(text: string): string {
  const plain = !text.includes('"') && !text.includes('\\');
  return plain ? `"${text}"` : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
