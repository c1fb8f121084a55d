import type { Note } from '../world/note.js';
import type { World } from '../world/world.js';
import type { FoldedLog } from './fold-log.js';

/** What clients were told is so: acknowledged words are there once, refused ones are not, and of what nobody was told at most one. */
export function wordsAre(world: World, { states }: FoldedLog): readonly string[] {
  const problems: string[] = [];
  const texts = [...states.values()].flatMap(
    ({ document }) => ((document as Note | undefined)?.text ?? []) as string | [],
  );
  const found = new Map<string, number>();
  for (const text of texts) for (const word of text.split(' ')) found.set(word, (found.get(word) ?? 0) + 1);
  const removed = new Set(
    world.ledger.entries.filter(({ kind, fate }) => kind === 'remove' && fate !== 'refused').map((entry) => entry.note),
  );
  for (const { word, kind, fate, note: its, client } of world.ledger.entries) {
    const times = found.get(word) ?? 0;
    const most = kind === 'remove' || fate === 'refused' ? 0 : 1;
    const least = fate === 'done' && kind !== 'remove' && !removed.has(its) ? 1 : 0;
    if (times < least || times > most) {
      problems.push(`${kind} ${word} of ${client} on ${its.name} (${fate}) is in V2 ${times} times`);
    }
  }
  return problems;
}
