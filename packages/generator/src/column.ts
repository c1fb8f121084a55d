/** A column of a legacy table, of a type that can be carried over without a loss. */
export interface Column {
  /** As the database has it: `company_name`. */
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

export type ColumnType =
  | {
      readonly kind: 'text';
      /** Characters; undefined = no limit. */
      readonly maxLength?: number;
    }
  | { readonly kind: 'smallint' | 'integer' | 'real' | 'date' };

/** A table whose rows are one entity each. */
export interface Table {
  readonly name: string;
  readonly key: Column;
  /** Name of the constraint that keeps the key unique; legacy's words for a second one carry it. */
  readonly keyConstraint: string;
  /** All but the key, in the table's order. */
  readonly columns: readonly Column[];
  /** Columns that are not carried over, as the developer wished. */
  readonly leftOut: readonly string[];
  /** What somebody has to look at, a sentence each. */
  readonly notes: readonly string[];
}
