import { type ControlState, portMode, portSubject } from '@banyan/control';
import type { PortSwitch } from '../store/porter-store.js';
import { type CarryOverOptions, carryOver } from './carry-over.js';

export interface FollowSwitchesOptions extends Omit<CarryOverOptions<PortSwitch>, 'said'> {
  /** `order.backend`, … */
  readonly consumers: readonly string[];
}

/** Carries the switches of these ports over. @returns how to stop, after what is under way */
export function followSwitches({ consumers, ...options }: FollowSwitchesOptions): () => Promise<void> {
  return carryOver({ ...options, said: (state) => switchesOf(state, consumers) });
}

/** The ports that somebody has ever switched. Pure. */
export function switchesOf(state: ControlState, consumers: readonly string[]): readonly PortSwitch[] {
  return consumers.flatMap((consumer) => {
    const version = state.versions[portSubject(consumer)] ?? 0;
    return version === 0 ? [] : [{ consumer, mode: portMode(state, consumer), version }];
  });
}
