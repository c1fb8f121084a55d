import { markerHeaders, topicName } from '@banyan/contracts';
import type { Clock, Marker, NewId } from '@banyan/core';
import type { Appender, EventLog } from '@banyan/kafka';

export interface MarkerTarget {
  readonly log: Pick<EventLog, 'ends'>;
  readonly appender: Appender;
  readonly topicPrefix: string;
  /** Of the entity, without prefix. */
  readonly topic: string;
  /** Who appends. */
  readonly source: string;
  readonly newId: NewId;
  readonly clock: Clock;
}

/** Appends a marker to every partition; resolves when all are acknowledged. A second copy does nothing where the first lies. */
export async function appendMarker(target: MarkerTarget, marker: Marker): Promise<void> {
  const { log, appender, topic: subject, topicPrefix, source, newId, clock } = target;
  const topic = topicName(topicPrefix, subject);
  const partitions = await log.ends(topic);
  await Promise.all(
    partitions.map(({ partition }) =>
      appender.append({
        topic,
        partition,
        key: null,
        value: null,
        headers: markerHeaders(marker, { id: newId(), source, timeMs: clock.now(), subject }),
      }),
    ),
  );
}
