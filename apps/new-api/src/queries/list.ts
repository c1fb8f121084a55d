import type { AnyEntity, QueryDefinition } from '@banyan/transformer';
import { validate } from '../commands/validate.js';
import type { Answer } from '../http/answer.js';
import type { V2View } from '../store/v2-store.js';

export type ListQuery = Extract<QueryDefinition, { type: 'list' }>;

/** Rows of V2 tables, a page at a time: `{items, next}`; `next` is the `after` of the page behind, null = there is none. */
export async function list(
  store: V2View,
  entity: AnyEntity,
  query: ListQuery,
  params: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const valid = validate('API_QUERY_INVALID', 'The query string', query.params, params);
  const { text, values } = query.sql(valid as never);
  const rows = await store.rows(text, values);
  const legacyIds = await store.legacyIds(
    entity.name,
    rows.map((row) => String(row.id)),
  );
  const items = rows.map(({ id, ...row }) => {
    const legacyId = legacyIds.get(String(id));
    return { id, ...(legacyId === undefined ? {} : { legacyId }), ...row };
  });
  return { status: 200, headers: {}, body: { items, next: nextOf(valid, items) } };
}

function nextOf(params: unknown, items: readonly { readonly id: unknown }[]): unknown {
  const limit = typeof params === 'object' && params !== null && 'limit' in params ? params.limit : undefined;
  return items.length === limit ? (items.at(-1)?.id ?? null) : null;
}
