export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A canonical legacy row: plain JSON in legacy's terms, nested where one entity has several tables. Equal over SQL and HTTP. */
export type LegacyRow = { readonly [column: string]: Json };
