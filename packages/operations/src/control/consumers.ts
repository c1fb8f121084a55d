import {
  type ControlChange,
  type ControlState,
  consumerControl,
  consumerSubject,
  type Pause,
  PORTER_APP,
} from '@banyan/control';
import { BanyanError } from '@banyan/core';
import type { AnyEntity } from '@banyan/transformer';
import { readStatus } from '../status.js';
import { portsOf } from './legacy-routes.js';
import { type ControlSides, foldedNow, refusedBy } from './sides.js';

export interface ConsumerSetting {
  /** `v2-projector.order`, `legacy-porter.order.backend` */
  readonly consumer: string;
  /** Who holds it, since when and why; null = it runs. */
  readonly paused: Pause | null;
  /** Ports: sends in flight at most in each process; null = what each was started with. */
  readonly sends: number | null;
}

export type ConsumerChange =
  | { readonly to: 'paused' }
  | { readonly to: 'running' }
  /** null = what each process was started with. */
  | { readonly to: 'sends'; readonly sends: number | null };

/** All consumers of entities, and whatever else somebody has spoken of. */
export function listConsumers({
  control,
  entities,
}: Pick<ControlSides, 'control' | 'entities'>): readonly ConsumerSetting[] {
  const state = control.state();
  const names = new Set([...consumersOf(entities), ...Object.keys(state.consumers)]);
  return [...names].map((name) => settingIn(state, name));
}

/**
 * Pauses, resumes or gives a number of sends; every process that runs the consumer hears of it within a second.
 * Throws `OPERATIONS_UNKNOWN_CONSUMER`, `OPERATIONS_REFUSED` (it is so already, or somebody was first).
 * @param options.dryRun decides, and changes nothing
 * @returns as it is then
 */
export async function changeConsumer(
  sides: ControlSides,
  name: string,
  change: ConsumerChange,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<ConsumerSetting> {
  const { control, by, reason } = sides;
  await requireKnown(sides, name);
  const event = changeOf(name, change);
  const expectedVersion = control.state().versions[event.data.subject] ?? 0;
  if (dryRun) {
    const { state, verdict } = foldedNow(sides, event);
    if (!verdict.accepted) throw refusedBy(`${name} stays as it is`, verdict.why);
    return settingIn(state, name);
  }
  const answer = await control.append(event, { by, reason, expectedVersion });
  if (!answer.accepted) throw refusedBy(`${name} stays as it is`, answer.why);
  return settingIn(answer.state, name);
}

function settingIn(state: ControlState, consumer: string): ConsumerSetting {
  const { paused, sends } = consumerControl(state, consumer);
  return { consumer, paused: paused ?? null, sends: sends ?? null };
}

function changeOf(name: string, change: ConsumerChange): ControlChange {
  const subject = consumerSubject(name);
  switch (change.to) {
    case 'paused':
      return { type: 'banyan.control.v1.ConsumerPaused', data: { subject } };
    case 'running':
      return { type: 'banyan.control.v1.ConsumerResumed', data: { subject } };
    case 'sends':
      return { type: 'banyan.control.v1.ConcurrencySet', data: { subject, sends: change.sends } };
  }
}

function consumersOf(entities: readonly AnyEntity[]): readonly string[] {
  return [
    ...entities.map(({ name }) => `v2-projector.${name}`),
    'v2-projector.receipts',
    ...portsOf(entities).map(({ port }) => `${PORTER_APP}.${port}`),
  ];
}

/**
 * A name that nobody obeys would be a pause that pauses nothing. Those of a projector with a `GROUP_SUFFIX`, and of a V2 that is made anew,
 * are known by its own word.
 */
async function requireKnown(sides: ControlSides, name: string): Promise<void> {
  const names = listConsumers(sides).map(({ consumer }) => consumer);
  if (names.includes(name)) return;
  const { apps } = await readStatus(sides.apps);
  const groups = apps.flatMap(({ consumers, rebuild }) =>
    [...consumers, ...(rebuild?.consumers ?? [])].map(({ group }) => group),
  );
  if (groups.includes(`${sides.topicPrefix}${name}`)) return;
  throw new BanyanError(
    'OPERATIONS_UNKNOWN_CONSUMER',
    `No consumer is called ${name}; there are ${names.join(', ')}.`,
    { data: { name, names } },
  );
}
