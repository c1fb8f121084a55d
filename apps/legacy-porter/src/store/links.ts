import { together } from '@banyan/postgres';
import { awaitedLink } from '../sending/sending-port.js';
import type { PorterStatements, PortLink, TakenLink } from './porter-store.js';

/**
 * Writes links of one entity and wakes the sends that waited for them. A link that is there stays. Answers those whose legacy id another key
 * holds: one row cannot be two entities.
 *
 * The lock is shared: writers do not stop each other. A send that is about to wait takes it alone (`lockLinks`), so that a link
 * is either seen by it or written after it, and then wakes it; without, both could miss each other.
 */
export async function writeLinks(tx: PorterStatements, links: readonly PortLink[]): Promise<readonly TakenLink[]> {
  const entity = links[0]?.entity;
  if (entity === undefined) return [];
  const sorted = [...links].sort((a, b) => (a.legacyId < b.legacyId ? -1 : 1));
  const [, , taken] = await together(
    tx.lockLinks(entity, 'shared'),
    tx.addLinks(sorted),
    tx.takenLinks(sorted),
    tx.readyWaiting(links.map(({ port, key }) => awaitedLink(entity, port, key))),
  );
  return taken;
}

/** Waits for link writers of these entities and keeps new ones out until the transaction ends. */
export async function lockLinks(tx: PorterStatements, entities: readonly string[]): Promise<void> {
  for (const entity of [...new Set(entities)].sort()) await tx.lockLinks(entity, 'alone');
}
