/** The row that legacy has at a version: what compare-and-set expects next. */
export interface Ported {
  readonly consumer: string;
  readonly key: string;
  readonly version: number;
  /** null = no row. */
  readonly hash: string | null;
  /** What legacy told of exactly this row. */
  readonly etag?: string | undefined;
  /** We made the row: before it there was none. Default false. */
  readonly created?: boolean;
  /** It was sent once more: it takes the place of a row of its own version, too. Default false. */
  readonly again?: boolean;
}

/** A stored row, with those that legacy had by us before it. */
export interface PortedRow {
  readonly version: number;
  readonly hash: string | null;
  /** The latest first, the last eight; null = no row. */
  readonly earlier: readonly (string | null)[];
}

/** Pure: of a key that stands twice the higher version; in the order of the keys, so that two writers never wait for each other. */
export function latestPorted(rows: readonly Ported[]): readonly Ported[] {
  const latest = new Map<string, Ported>();
  for (const row of rows) {
    const id = `${row.consumer} ${row.key}`;
    if ((latest.get(id)?.version ?? -1) < row.version) latest.set(id, row);
  }
  return [...latest.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
