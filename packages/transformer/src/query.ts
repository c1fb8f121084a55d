import type { z } from 'zod';

/**
 * A question to the V2 store. `GET /v2/<entities>/:id` (state and ETag) and `?legacyId=` come by themselves from `one`;
 * `list` reads V2 tables.
 */
export type QueryDefinition =
  | { readonly type: 'one'; readonly name: string; readonly summary: string; readonly path: `/v2/${string}/:id` }
  | {
      readonly type: 'list';
      readonly name: string;
      readonly summary: string;
      readonly path: `/v2/${string}`;
      /** Strict schema of the query string; includes `limit` and `after` (keyset paging). */
      readonly params: z.ZodType;
      /** One statement with `$1…` placeholders over schema `v2`; rows come back as they are answered, column `id` first. */
      sql(params: never): { readonly text: string; readonly values: readonly unknown[] };
    };
