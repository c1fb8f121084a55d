import { differences } from '@banyan/compare';

/** Throws with every path and both values when two values differ. */
export function requireEqual(actual: unknown, expected: unknown, what: string): void {
  const found = differences(actual, expected);
  if (found.length === 0) return;
  const lines = found.map(
    ({ path, left, right }) => `  ${path || '(all)'}: got ${text(left)}, expected ${text(right)}`,
  );
  throw new Error(`${what}:\n${lines.join('\n')}`);
}

export function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
