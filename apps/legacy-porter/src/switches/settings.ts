import { type ControlState, consumerControl, consumerSubject, PORTER_APP } from '@banyan/control';
import type { PortSetting } from '../sending/lanes.js';
import type { StoredSetting } from '../store/settings.js';

/** A consumer of this app in the control log: of `order.backend` it is `legacy-porter.order.backend`. */
export function controlName(consumer: string): string {
  return `${PORTER_APP}.${consumer}`;
}

/** What the control log says of a consumer; nothing said = it runs, with what the process was started with. Pure. */
export function settingOf(state: ControlState, consumer: string): PortSetting {
  const { paused, sends } = consumerControl(state, controlName(consumer));
  return { paused: paused !== undefined, sends };
}

/** The consumers of which something was ever said. Pure. */
export function settingsOf(state: ControlState, consumers: readonly string[]): readonly StoredSetting[] {
  return consumers.flatMap((consumer) => {
    const version = state.versions[consumerSubject(controlName(consumer))] ?? 0;
    return version === 0 ? [] : [{ consumer, version, ...settingOf(state, consumer) }];
  });
}
