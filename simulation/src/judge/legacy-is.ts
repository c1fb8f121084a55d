import type { Note } from '../world/note.js';
import { linksIn } from '../world/porter-journal.js';
import { ROWS, type V2Row } from '../world/v2.js';
import type { World } from '../world/world.js';
import type { FoldedLog } from './fold-log.js';

/** Legacy and V2's rows have what the log says: one row for each note that lives, saying the same, and in legacy none besides. */
export function legacyIs(world: World, { states }: FoldedLog): readonly string[] {
  const problems: string[] = [];
  const linkedTo = new Map(
    linksIn({ all: (table) => world.porter.committed(table) }).map((link) => [link.key, link.legacyId]),
  );
  const v2 = new Map(world.v2.committed<V2Row>(ROWS));
  const rows = new Map(world.legacy.rows().map((row) => [String(row.NoteID), row]));
  for (const [key, { document }] of states) {
    const { text, stamp } = (document ?? {}) as Partial<Note>;
    const { text: inV2 } = v2.get(key) ?? {};
    if (inV2 !== text) problems.push(`V2's row of ${key} says "${inV2}", the log says "${text}"`);
    if (document === undefined) continue;
    const legacyId = linkedTo.get(key);
    const row = legacyId === undefined ? undefined : rows.get(legacyId);
    if (row?.Text !== text || row?.Stamp !== stamp) {
      problems.push(
        `legacy's row ${legacyId} of ${key} says "${row?.Text}" (${row?.Stamp}), V2 says "${text}" (${stamp})`,
      );
    }
    if (legacyId !== undefined) rows.delete(legacyId);
  }
  for (const { NoteID, Text } of rows.values()) problems.push(`legacy's row ${NoteID} "${Text}" is no note of V2`);
  return problems;
}
