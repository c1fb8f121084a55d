import type { AnyEntity } from '@banyan/transformer';
import { adoptedKey, unadoptable } from '../adoption/adoption.js';
import { knownByLegacyId } from '../adoption/known.js';
import { problem } from '../problems.js';
import type { Address } from './command-call.js';
import type { ReferenceTools } from './references.js';

/**
 * The key behind an address. What V2 does not have alive under a legacy id is looked for in legacy and adopted: the link that is
 * missing here may be in the porter's journal. Throws `API_NOT_FOUND`, `API_REFERENCE_INVALID`, `API_ADOPTION_HELD`.
 */
export async function keyOfAddress(tools: ReferenceTools, entity: AnyEntity, address: Address): Promise<string> {
  if ('id' in address) return address.id;
  const { legacyId } = address;
  const known = (await knownByLegacyId(tools.store, entity, [legacyId])).get(legacyId);
  if (known !== undefined) return known.key;
  const nowhere = (why: string) =>
    problem('API_NOT_FOUND', `There is no ${entity.name} with the legacy id ${legacyId}: ${why}.`);
  if (tools.adoption === undefined) {
    throw nowhere('V2 has none, and no LEGACY_URL is configured to adopt it from');
  }
  const result = (await tools.adoption.adopt(entity, [legacyId])).get(legacyId);
  if (result?.bucket === 'invalid') throw unadoptable(entity.name, legacyId, result.reason);
  const key = result && adoptedKey(entity, result);
  if (key === undefined) throw nowhere('neither V2 nor legacy has one');
  return key;
}
