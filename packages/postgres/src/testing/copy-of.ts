/**
 * A deep copy of a row: plain objects, arrays and bytes, which is what rows are made of; several times faster than `structuredClone`, which
 * does the rest. As there, bytes come back as a plain Uint8Array.
 */
export function copyOf<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`a row holds no ${typeof value}`);
    return value;
  }
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value);
  const copied: Record<string, unknown> = {};
  for (const name in value) copied[name] = copy((value as Record<string, unknown>)[name]);
  return copied;
}
