import { createCodec, markerHeaders, topicName } from '@banyan/contracts';
import { CONTROL_TYPES, type ControlChange, createControl, entityControl } from '@banyan/control';
import { type Marker, newId, systemClock } from '@banyan/core';
import type { EventLog } from '@banyan/kafka';
import { entityNamed } from '@banyan/migration';
import { topicOf } from '@banyan/transformer';

/** Moves the writes of an entity step by step, so that a test can look between two of them. No proxy is registered. */
export interface Mover {
  plan(direction: 'forward' | 'back'): Promise<void>;
  /** The fence: decided, and in every partition. */
  fence(): Promise<void>;
  /** Of a hand-back, what was drained before is the test's to look after. */
  turn(): Promise<void>;
  announce(): Promise<void>;
  /** All steps. */
  move(direction: 'forward' | 'back'): Promise<void>;
  close(): Promise<void>;
}

export async function aMover(
  { log, prefix, schemaRegistryUrl }: { log: EventLog; prefix: string; schemaRegistryUrl: string },
  entity: string,
): Promise<Mover> {
  const codec = createCodec({ registryUrl: schemaRegistryUrl, types: CONTROL_TYPES });
  const control = createControl({ log, codec, topicPrefix: prefix, instance: 'spec', newId, clock: systemClock });
  const appender = await log.appender();
  const subject = `entity:${entity}`;
  const write = async (change: ControlChange): Promise<void> => {
    const written = await control.append(change);
    if (!written.accepted) throw new Error(`${change.type}: ${written.why}`);
  };
  await control.follow();
  await write({ type: 'banyan.control.v1.EntityOpened', data: { subject } });
  const is = () => entityControl(control.state(), entity);
  const mark = async (marker: Marker): Promise<void> => {
    const of = topicOf(entityNamed(entity));
    const topic = topicName(prefix, of);
    for (const { partition } of await log.ends(topic)) {
      const headers = markerHeaders(marker, { id: newId(), source: 'spec', timeMs: Date.now(), subject: of });
      await appender.append({ topic, partition, key: null, value: null, headers });
    }
  };
  const mover: Mover = {
    plan: (direction) => {
      const forward = direction === 'forward';
      const to = { share: forward ? 100 : 0, toMode: forward ? ('new' as const) : ('legacy' as const) };
      const epoch = is().lastEpoch + 1;
      return write({ type: 'banyan.control.v1.MovePlanned', data: { subject, direction, epoch, ...to } });
    },
    fence: async () => {
      const { epoch = 0, share = 0 } = is().move ?? {};
      await write({ type: 'banyan.control.v1.MoveFenced', data: { subject, epoch } });
      await mark({ type: 'fence', epoch, share });
    },
    turn: async () => {
      const epoch = is().move?.epoch ?? 0;
      await write({ type: 'banyan.control.v1.MoveDrained', data: { subject, epoch } });
      await write({ type: 'banyan.control.v1.MoveTurned', data: { subject, epoch: epoch + 1 } });
      await mark({ type: 'handback', epoch: epoch + 1 });
    },
    announce: () => {
      const epoch = is().move?.epoch ?? 0;
      return write({ type: 'banyan.control.v1.MoveAnnounced', data: { subject, epoch } });
    },
    move: async (direction) => {
      await mover.plan(direction);
      await mover.fence();
      if (direction === 'back') await mover.turn();
      await mover.announce();
    },
    close: async () => {
      await control.close();
      await appender.close(2_000);
    },
  };
  return mover;
}
