import type { PorterStore } from './porter-store.js';

/** Closed intents are kept so long: they tell people what was sent, nothing decides by them. */
const KEEP_CLOSED_DAYS = 30;

/**
 * What nobody announces: frees what silent instances only claimed (such a one finds its claim gone before it sends; what they journalled
 * stays with them, in doubt, until they are known dead), looks again at sends whose reference was deleted or whose link is there without
 * their having been woken, and forgets intents that closed long ago. Repeatable. @param onFreed there may be work
 */
export async function keepHouse({ alone }: PorterStore, onFreed: () => void): Promise<void> {
  const freed = (await alone.freeAbandoned()) + (await alone.recheckWaiting());
  if (freed > 0) onFreed();
  await alone.forgetClosedIntents(KEEP_CLOSED_DAYS);
}
