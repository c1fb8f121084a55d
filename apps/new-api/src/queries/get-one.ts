import { type Answer, etag } from '../http/answer.js';
import { entityBody } from '../http/entity-body.js';
import { problem } from '../problems.js';
import type { V2View } from '../store/v2-store.js';

/** One entity by its id, as V2 has it; 304 when the caller has it already. Throws `API_NOT_FOUND`. */
export async function getOne(
  store: V2View,
  entity: string,
  id: string,
  ifNoneMatch: string | undefined,
): Promise<Answer> {
  const { document, appliedVersion } = await store.state(entity, id);
  if (document === undefined) {
    throw problem('API_NOT_FOUND', `There is no ${entity} ${id} in V2; find it by ?legacyId= if legacy has it.`);
  }
  const legacyId = (await store.legacyIds(entity, [id])).get(id);
  const headers = { etag: etag(appliedVersion) };
  // The legacy id comes later than the version: a caller that waits for it must not be told that nothing is new.
  if (legacyId !== undefined && ifNoneMatch?.split(',').some((tag) => tag.trim() === headers.etag)) {
    return { status: 304, headers, body: undefined };
  }
  return { status: 200, headers, body: entityBody({ id, version: appliedVersion, legacyId, document }) };
}
