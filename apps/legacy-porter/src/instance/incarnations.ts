import type { InstanceState, PorterStatements, PorterStore } from '../store/porter-store.js';
import type { Holder } from '../store/work.js';

/**
 * Comes up under a name. Every earlier incarnation of the name is dead by that, so its claims are free again and its open sends are
 * unclear. What it wrote last it may have written until its lease ran out: legacy's time to settle begins there, or now if later.
 */
export function register(store: PorterStore, name: string): Promise<Holder> {
  return store.transaction(async (tx) => {
    const { incarnation, aliveUntil } = await tx.comeUp(name);
    await buryBefore(tx, { name, incarnation }, aliveUntil);
    return { name, incarnation };
  });
}

/** The incarnations of a name before this one are dead. Answers how many of their sends may have reached legacy. */
async function buryBefore(tx: PorterStatements, holder: Holder, aliveUntil: string | null): Promise<number> {
  const unclear = await tx.intentsArrived(holder, 'earlier', aliveUntil);
  await tx.freeClaims(holder, 'earlier');
  return unclear;
}

/**
 * A person says that an instance is dead and does not come back under its name: what it left goes on as if it had come up again. Should
 * it live after all, it finds itself replaced at its next beat, and legacy's time to settle begins behind its lease. Who showed
 * itself lately is not dead: nothing is changed then. Answers what it was taken for, and how many sends of it may have reached legacy.
 */
export function forget(
  store: PorterStore,
  name: string,
): Promise<{ readonly was: InstanceState | 'unknown'; readonly sends: number }> {
  return store.transaction(async (tx) => {
    const instance = await tx.lockInstance(name);
    if (instance === undefined) return { was: 'unknown', sends: 0 };
    if (instance.state !== 'silent') return { was: instance.state, sends: 0 };
    const dead = { name, incarnation: instance.incarnation + 1 };
    await tx.bury(dead);
    return { was: 'silent', sends: await buryBefore(tx, dead, instance.aliveUntil) };
  });
}

/** Goes in order: nothing of it is being sent any more, so any other instance may go on with what is left. */
export function leave(store: PorterStore, holder: Holder): Promise<void> {
  return store.transaction(async (tx) => {
    await tx.leaves(holder);
    await tx.intentsArrived(holder, 'this', null);
    await tx.freeClaims(holder, 'this');
  });
}
