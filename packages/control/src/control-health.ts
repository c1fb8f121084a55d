import { HANGING_MS, type Vitality, vitality } from '@banyan/kafka';
import type { Control } from './control.js';

/**
 * Whether the control log is still followed: what hangs only a restart can mend (promise P12). One that cannot be read since Kafka is away
 * is alive: it is tried again and again.
 */
export function controlLive(control: Pick<Control, 'sinceTriedMs'>): Vitality {
  const silentMs = control.sinceTriedMs();
  if (silentMs <= HANGING_MS) return vitality([]);
  return vitality([`the control log was not tried to be read for ${Math.round(silentMs / 1_000)} s`]);
}
