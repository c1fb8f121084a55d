import { Random } from '@banyan/core/testing';
import { entities } from '@banyan/migration';
import type { ChildApp } from '../child-app.js';
import { backfill } from '../operator.js';
import { type LinkedWorld, linkedWorld } from '../testing/linked-world.js';
import { drained } from '../testing/once-in-both.js';
import { TwoDoors } from '../testing/two-doors.js';
import { until } from '../until.js';
import type { World } from '../world.js';
import { type Books, openBooks } from './books/books.js';

/** Far longer than a pocketful has time for. */
export const FROZEN_MS = 40_000;

export interface ArenaOptions {
  /** What is left to chance follows from it. */
  readonly seed?: number;
  /** Begun at both doors together. Default 20. */
  readonly writesPerSecond?: number;
  /** How long a frozen process stays so past its session, in any case until another one has taken its place; milliseconds. Default 0. */
  readonly frozenMs?: number;
}

/**
 * A world whose entities are all written by V2, with careful clients at both doors and a link that can be broken before each part. One
 * trial after the other takes place in it; whatever one leaves behind, the next one finds.
 */
export interface Arena {
  readonly linked: LinkedWorld;
  readonly world: World;
  readonly doors: TwoDoors;
  readonly books: Books;
  readonly frozenMs: number;
  /** Of the backfill that every trial runs again. */
  readonly plan: string;
  /** Problems that were told of: what lies wrong lies there in the next trial, too. */
  readonly told: Set<string>;
  readonly random: Random;
  /** Processes that ended by themselves and were started again, as whoever supervises them does; since the last call. */
  takeEnded(): readonly string[];
  close(): Promise<void>;
}

export async function openArena(
  about: string,
  { seed = 1, writesPerSecond = 20, frozenMs = 0 }: ArenaOptions = {},
): Promise<Arena> {
  const ended: string[] = [];
  let running: World | undefined;
  const supervise = (app: ChildApp, why: string): void => {
    if (running === undefined || !isOwn(running, app)) return;
    ended.push(`${app.name} ended with ${why}`);
    app.start().catch((error: unknown) => ended.push(`${app.name} did not start again: ${String(error)}`));
  };
  const linked = await linkedWorld(about, { onEnd: supervise });
  const { world, urls } = linked;
  running = world;
  const doors = new TwoDoors({
    world,
    name: about,
    writesPerSecond,
    createEvery: 2,
    changed: 12,
    mostOpen: 30,
    refuseEvery: 6,
    urls: { legacy: urls.proxy, api: urls.api },
  });
  let books: Books | undefined;
  try {
    for (const { name } of entities) {
      // Resumable: what a busy machine breaks off goes on.
      const moved = async () =>
        (await world.banyan('entities', 'authority', name, '--to', 'new')).code === 0 || undefined;
      await until(`writes of ${name} are V2's`, moved, 180_000);
    }
    const { plan } = await backfill(world);
    await doors.start();
    await doors.stop();
    // What is under way to legacy would be in the log's book and not in legacy's.
    await drained(world);
    books = await openBooks(linked);
    return {
      linked,
      world,
      doors,
      books,
      plan,
      frozenMs,
      told: new Set(),
      random: new Random(seed),
      takeEnded: () => ended.splice(0),
      close: async () => {
        await doors.stop().catch(() => undefined);
        await books?.close();
        await linked.stop();
      },
    };
  } catch (error) {
    await books?.close();
    await linked.stop();
    throw error;
  }
}

function isOwn(world: World, app: ChildApp): boolean {
  try {
    return world.app(app.name as never) === app;
  } catch {
    return false;
  }
}
