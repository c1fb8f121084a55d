import { storable } from '@banyan/postgres';
import type { LegacyRow } from '@banyan/transformer';
import type { Work } from '../store/work.js';
import { type Known, referenceKey, type SendingPort } from './sending-port.js';
import type { Reference, Verdict } from './verdict.js';

export type Formatted =
  /** `row` null = a delete. `legacyId` undefined = legacy will assign it. */
  | { readonly type: 'row'; readonly legacyId: string | undefined; readonly row: LegacyRow | null }
  | Extract<Verdict, { type: 'waiting' | 'parked' }>;

/** The entities whose links the send needs: a further port's own entity is one, since only the primary port learns its legacy id. */
export function referencesOf(port: SendingPort, work: Work): readonly Reference[] {
  const itself = port.definition.primary ? [] : [{ entity: port.entity.name, id: work.key }];
  return work.operation === 'delete' ? itself : [...itself, ...port.definition.refsOf(work.document)];
}

/** Pure: the row to send, or what it waits for, or why it can never be sent. */
export function formatWork(port: SendingPort, work: Work, known: Known): Formatted {
  const { entity } = port;
  const where = `the ${work.operation} of ${entity.name} ${work.key}`;
  const parked = (code: string, why: string): Formatted => ({
    type: 'parked',
    code,
    message: `${where[0]?.toUpperCase()}${where.slice(1)} cannot be sent: ${why}, then \`banyan parked replay ${entity.name} ${work.key}\`.`,
  });

  const legacyId = legacyIdOf(port, work, known);
  // An attempt that may have arrived is looked for, and repeated, as it was: whatever its references have become since.
  const { intent } = known;
  if (intent?.mayHaveArrived === true && (intent.row !== null || work.operation === 'delete')) {
    return { type: 'row', legacyId, row: intent.row as LegacyRow | null };
  }
  // Journalled without a row: by a porter whose database was lost, if at all.
  const gone = known.never[0];
  if (gone !== undefined) {
    return parked(
      'PORTER_REFERENCE_GONE',
      `it names ${gone.entity} ${gone.id}, which was deleted before legacy ever had it; change it`,
    );
  }
  const references = referencesOf(port, work).filter((reference) => !known.links.has(referenceKey(reference)));
  if (references.length > 0) return { type: 'waiting', references };
  if (legacyId === undefined && work.operation !== 'create') {
    return parked('PORTER_LINK_MISSING', 'no legacy id is known for it; find out how its row came to legacy');
  }
  if (work.operation === 'delete') return { type: 'row', legacyId, row: null };
  try {
    const row = port.definition.format(work.document, {
      id: work.key,
      legacyId,
      legacyIdOf: (name, id) => linked(known, { entity: name, id }),
    });
    requireStorable(row);
    return { type: 'row', legacyId, row };
  } catch (error) {
    return parked('PORTER_FORMAT_FAILED', `its state cannot be formatted (${String(error)}); mend the transformer`);
  }
}

/** The journal keeps the row before it is sent: what it cannot hold would be tried for ever. */
function requireStorable(row: LegacyRow): void {
  JSON.stringify(row, (column, value: unknown) => {
    if (typeof value !== 'string' || storable(value) === value) return value;
    throw new Error(`${column} has a NUL or half a character in it`);
  });
}

function legacyIdOf(port: SendingPort, work: Work, known: Known): string | undefined {
  if (!port.definition.primary) return known.links.get(referenceKey({ entity: port.entity.name, id: work.key }));
  if (work.operation !== 'create') return known.legacyId;
  const { identity } = port.entity.legacy;
  return identity.type === 'derived' ? identity.legacyIdOf(work.document) : undefined;
}

function linked(known: Known, reference: Reference): string {
  const legacyId = known.links.get(referenceKey(reference));
  if (legacyId !== undefined) return legacyId;
  throw new Error(`refsOf does not declare ${reference.entity} ${reference.id}`);
}
