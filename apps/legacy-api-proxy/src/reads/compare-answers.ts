import { differences, type Ignore } from '@banyan/compare';

/** An answer to compare: parsed where it is JSON. */
export interface ComparedAnswer {
  readonly status: number;
  readonly contentType: string;
  /** `X-Total-Count`, where the answer has one. */
  readonly total: string | undefined;
  readonly body: string;
}

export interface AnswerDifference {
  readonly path: string;
  readonly legacy: unknown;
  readonly new: unknown;
}

export interface Comparison {
  readonly differences: readonly AnswerDifference[];
  /** Rows in which something differs. */
  readonly legacyIds: readonly string[];
}

export interface CompareRules {
  readonly ignores: readonly Ignore[];
  idOfRow(row: unknown): string | undefined;
  canonical(row: unknown): unknown;
}

/**
 * Where two answers to the same question differ: status, count, and the rows in canonical form. Rows of a list are matched by id,
 * so that one row too many is one difference and not one for each place behind it. Of an error the status counts and its words.
 */
export function compareAnswers(legacy: ComparedAnswer, v2: ComparedAnswer, rules: CompareRules): Comparison {
  if (legacy.status !== v2.status) return { differences: [pair('status', legacy.status, v2.status)], legacyIds: [] };
  const [left, right] = [jsonOf(legacy), jsonOf(v2)];
  if (left === undefined || right === undefined) {
    const found = legacy.body === v2.body ? [] : [pair('body', legacy.body, v2.body)];
    return { differences: found, legacyIds: [] };
  }
  const counted = legacy.total === v2.total ? [] : [pair('X-Total-Count', legacy.total, v2.total)];
  const rows =
    Array.isArray(left.value) && Array.isArray(right.value)
      ? compareLists(left.value, right.value, rules)
      : compareRows(left.value, right.value, '', rules);
  return { differences: [...counted, ...rows.differences], legacyIds: rows.legacyIds };
}

function compareLists(legacy: readonly unknown[], v2: readonly unknown[], rules: CompareRules): Comparison {
  const [left, right] = [byId(legacy, rules), byId(v2, rules)];
  if (left === undefined || right === undefined) return compareRows(legacy, v2, '', rules);
  const found = [...new Set([...left.keys(), ...right.keys()])].map((id) => ({
    id,
    differences: compareRows(left.get(id), right.get(id), `[${id}]`, rules).differences,
  }));
  const differing = found.filter((row) => row.differences.length > 0);
  const order = [...left.keys()].join() === [...right.keys()].join();
  // Told once, and only where the same rows came in another order.
  const misplaced = differing.length > 0 || order ? [] : [pair('order', [...left.keys()], [...right.keys()])];
  return {
    differences: [...misplaced, ...differing.flatMap((row) => row.differences)],
    legacyIds: differing.map(({ id }) => id),
  };
}

function compareRows(legacy: unknown, v2: unknown, path: string, rules: CompareRules): Comparison {
  const [left, right] = [canonicalOf(legacy, rules), canonicalOf(v2, rules)];
  const found = differences(left, right, { ignores: rules.ignores }).map((one) =>
    pair([path, one.path].filter((part) => part !== '').join('.'), one.left, one.right),
  );
  const id = rules.idOfRow(legacy) ?? rules.idOfRow(v2);
  return { differences: found, legacyIds: found.length > 0 && id !== undefined ? [id] : [] };
}

function canonicalOf(row: unknown, rules: CompareRules): unknown {
  return row === undefined ? undefined : rules.canonical(row);
}

/** undefined = some row has no id, or two have the same: then places are all there is. */
function byId(rows: readonly unknown[], { idOfRow }: CompareRules): ReadonlyMap<string, unknown> | undefined {
  const found = new Map<string, unknown>();
  for (const row of rows) {
    const id = idOfRow(row);
    if (id === undefined || found.has(id)) return undefined;
    found.set(id, row);
  }
  return found;
}

function jsonOf({ contentType, body }: ComparedAnswer): { readonly value: unknown } | undefined {
  if (!/[/+]json\b/i.test(contentType)) return undefined;
  try {
    return { value: JSON.parse(body) as unknown };
  } catch {
    return undefined;
  }
}

function pair(path: string, legacy: unknown, v2: unknown): AnswerDifference {
  return { path, legacy, new: v2 };
}
