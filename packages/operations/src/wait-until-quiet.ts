import { setTimeout as delay } from 'node:timers/promises';
import { isBanyanError } from '@banyan/core';
import { type AnyEntity, topicOf } from '@banyan/transformer';
import type { BothSides } from './context.js';
import { projectorBehind, recordsBehind } from './records-behind.js';
import { type AppStatus, readStatus } from './status.js';

/**
 * Waits until nothing lags or waits in any app. What is parked does not move by itself and is not waited for.
 * @param moving what still moves; undefined = nothing
 * @returns undefined when it is quiet, else what still moved when the time was over
 */
export async function waitUntilQuiet(
  moving: () => Promise<string | undefined>,
  timeoutMs: number,
): Promise<string | undefined> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const what = await moving();
    if (what === undefined || performance.now() >= end) return what;
    await delay(200);
  }
}

/** By the apps, and by where their stores stand in the log: of several processes behind one address only one answers. */
export async function whatMoves(
  sides: Pick<BothSides, 'apps' | 'entities' | 'v2' | 'log' | 'topicPrefix'>,
): Promise<string | undefined> {
  const { apps } = await readStatus(sides.apps);
  return whatWorks(apps) ?? (await whatLags(sides, apps));
}

function whatWorks(apps: readonly AppStatus[]): string | undefined {
  for (const { app, away, consumers } of apps) {
    if (away !== undefined) return away;
    for (const { consumer, state, lagRecords, work, waiting, parked } of consumers) {
      if (state !== 'running') return `${app} ${consumer} is ${state}`;
      if (lagRecords > 0) return `${app} ${consumer} lags by ${lagRecords} records`;
      if ((work ?? 0) > 0 && parked === 0 && (waiting ?? 0) === 0) return `${app} ${consumer} has ${work} sends to do`;
    }
  }
  return undefined;
}

async function whatLags(
  sides: Pick<BothSides, 'entities' | 'v2' | 'log' | 'topicPrefix'>,
  apps: readonly AppStatus[],
): Promise<string | undefined> {
  try {
    const behind = [
      ...(await projectorBehind(sides, sides.entities)).map((one) => ({ app: 'v2-projector', ...one })),
      ...(await Promise.all(sides.entities.map((entity) => portsBehind(sides, entity, apps)))).flat(),
    ];
    const lagging = behind.find(({ records }) => records > 0);
    return lagging && `${lagging.app} ${lagging.consumer} lags by ${lagging.records} records`;
  } catch (error) {
    if (isBanyanError(error) && error.retryable) return error.message;
    throw error;
  }
}

async function portsBehind(
  sides: Pick<BothSides, 'log' | 'topicPrefix'>,
  entity: AnyEntity,
  apps: readonly AppStatus[],
): Promise<{ app: string; consumer: string; records: number }[]> {
  const its = apps.flatMap(({ app, consumers }) =>
    consumers.flatMap(({ consumer, positions }) =>
      positions !== undefined && consumer.startsWith(`${entity.name}.`) ? [{ app, consumer, positions }] : [],
    ),
  );
  return Promise.all(
    its.map(async ({ app, consumer, positions }) => ({
      app,
      consumer,
      records: await recordsBehind(sides, topicOf(entity), positions),
    })),
  );
}
