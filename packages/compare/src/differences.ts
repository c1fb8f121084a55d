/** One place where two values differ. undefined = not there on that side. */
export interface Difference {
  /** `Details[0].UnitPrice`; '' = the values themselves. */
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Something that may differ, by name, with all below it. */
export interface Ignore {
  readonly name: string;
  /** As in a difference; `[]` stands for any place of an array: `Details[].UnitPrice`. */
  readonly path: string;
}

export interface DifferencesOptions {
  readonly ignores?: readonly Ignore[];
}

/**
 * Where two JSON values differ, leaf by leaf; none = their canonical JSON is equal, ignores aside. A value that is missing
 * and one that is null differ. Arrays are compared place by place: put them in a canonical order before.
 */
export function differences(left: unknown, right: unknown, options: DifferencesOptions = {}): readonly Difference[] {
  const ignored = new Set((options.ignores ?? []).map((ignore) => ignore.path));
  const found: Difference[] = [];
  const visit = (a: unknown, b: unknown, path: string): void => {
    if (ignored.has(path) || ignored.has(path.replaceAll(/\[\d+\]/g, '[]'))) return;
    if (Array.isArray(a) && Array.isArray(b)) {
      for (let at = 0; at < Math.max(a.length, b.length); at += 1) visit(a[at], b[at], `${path}[${at}]`);
    } else if (isObject(a) && isObject(b)) {
      const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
      for (const name of names) visit(a[name], b[name], path === '' ? name : `${path}.${name}`);
    } else if (a !== b) {
      // `!==` takes -0 and 0 for equal, as their JSON is.
      found.push({ path, left: a, right: b });
    }
  };
  visit(left, right, '');
  return found;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
