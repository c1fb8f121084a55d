/**
 * A state as PostgreSQL gives it back: as JSON holds it, so that a document kept in memory and one read after a restart are the same, and every
 * slicing of the log evolves alike. Undefined when jsonb cannot hold it: text with NUL or half a surrogate pair. Throws what JSON throws.
 */
export function asStored(document: unknown): { readonly document: unknown } | undefined {
  if (isStored(document)) return { document };
  const text = JSON.stringify(document);
  return UNSTORABLE.test(text) ? undefined : { document: JSON.parse(text) };
}

/** In JSON text: an escaped NUL or lone surrogate, that is one behind an even number of backslashes. Whole pairs are not escaped. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})/;

/** Whether a value is what JSON would make of it anyway, as states nearly always are: looking costs a tenth of making and reading the text. */
function isStored(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return isStoredText(value);
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'boolean':
      return true;
    case 'object':
      return value === null || (Array.isArray(value) ? isStoredArray(value) : isStoredObject(value));
    default:
      return false;
  }
}

function isStoredText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Not by `every`, which passes over holes; JSON makes null of them. */
function isStoredArray(values: readonly unknown[]): boolean {
  for (let index = 0; index < values.length; index += 1) if (!isStored(values[index])) return false;
  return !('toJSON' in values);
}

function isStoredObject(value: object): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false;
  for (const name of Object.keys(value)) {
    if (!isStoredText(name) || !isStored(value[name as keyof typeof value])) return false;
  }
  return true;
}
