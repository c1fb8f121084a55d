import { createCodec } from '@banyan/contracts';
import { CONTROL_TYPES, type Control, createControl } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog } from '@banyan/kafka';
import { until } from '../until.js';
import type { AppName, World } from '../world.js';

export type Goal = 'new' | 'legacy';
export type Victim = AppName | 'driver';

/** The steps of a move, as the control log has them, in their order. */
export const STEPS: Readonly<Record<Goal, readonly string[]>> = {
  new: ['MovePlanned', 'MovePrepared', 'MoveFenced', 'MoveAnnounced'],
  legacy: ['MovePlanned', 'MoveFenced', 'MoveDrained', 'MoveTurned', 'MoveAnnounced'],
};

export interface Kill {
  readonly goal: Goal;
  /** Dies when this step is in the log: between it and the next. */
  readonly step: string;
  readonly victim: Victim;
}

export interface Watcher {
  readonly control: Control;
  close(): Promise<void>;
}

/** Reads the control log as it grows. */
export async function watchControl({ cliEnv }: World): Promise<Watcher> {
  const { KAFKA_BROKERS = '', SCHEMA_REGISTRY_URL = '', TOPIC_PREFIX = '' } = cliEnv;
  const log = createKafkaEventLog({ brokers: KAFKA_BROKERS.split(','), clientId: 'watcher' });
  const control = createControl({
    log,
    codec: createCodec({ registryUrl: SCHEMA_REGISTRY_URL, types: CONTROL_TYPES }),
    topicPrefix: TOPIC_PREFIX,
    instance: 'watcher',
    newId,
    clock: systemClock,
    pollMs: 5,
  });
  await control.follow();
  return {
    control,
    close: async () => {
      await control.close();
      await log.close();
    },
  };
}

/** Moves the writes of orders, kills one process on the way with -9, starts it again, and goes on until it is done. */
export async function moveWithKill(world: World, control: Control, { goal, step, victim }: Kill): Promise<void> {
  const before = stepsOf(control).length;
  const words = ['entities', 'authority', 'order', '--to', goal, '--patience', '60', '--json'];
  const driver = world.startBanyan(words);
  const seen = control.until(() => stepsOf(control).slice(before).includes(step), 90_000);
  const ended = driver.result.then(async ({ code, stderr }) => {
    // It may end with the very step that is waited for, a moment before it is seen here.
    await control
      .until(() => stepsOf(control).slice(before).includes(step), 30_000)
      .catch(() => {
        throw new Error(`the driver to ${goal} ended with ${code} before ${step}: ${stderr}`);
      });
  });
  await Promise.race([seen, ended]);
  if (victim === 'driver') driver.kill();
  else {
    await world.app(victim).kill();
    await world.app(victim).start();
  }
  await driver.result;
  await seen;
  await until(
    `writes of orders are ${goal}`,
    async () => ((await world.banyan(...words)).code === 0 ? true : undefined),
    120_000,
  );
}

/** What took effect, in order. */
function stepsOf(control: Control): readonly string[] {
  return control
    .history('entity:order')
    .filter(({ accepted }) => accepted)
    .map(({ type }) => type);
}
