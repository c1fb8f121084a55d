/** Rows of one V2 table made from an entity's state. All rows of a key are replaced together. */
export interface Projection<S = unknown> {
  /** Table in schema `v2`: `order_lines`. */
  readonly table: string;
  /** The column that holds the entity id. */
  readonly key: string;
  /** Column name -> PostgreSQL type, the key column included: used for `unnest($1::uuid[], …)`. */
  readonly columns: Readonly<Record<string, string>>;
  /** undefined state = no rows. Values are what `pg` accepts for the column's type. */
  rows(state: S | undefined, id: string): readonly Readonly<Record<string, unknown>>[];
}
