import { consumerControl, openResync, PORTER_APP, portMode, type Resync, resyncSubject } from '@banyan/control';
import { entityNamed } from '../context.js';
import { readStatus } from '../status.js';
import { portNamed } from './legacy-routes.js';
import { type ControlSides, refusedBy } from './sides.js';

/** What shall be made anew. */
export interface ResyncAsked {
  readonly key?: string | undefined;
  /** Only keys that are marked unlike. */
  readonly unlike?: boolean | undefined;
  /** V2's rows only: those that an earlier version of the entity's definition made. */
  readonly older?: boolean | undefined;
}

export interface ResyncPlan {
  /** `v2-projector.order`, `legacy-porter.order.backend` */
  readonly consumer: string;
  readonly key: string | null;
  readonly unlike: boolean;
  readonly olderThan: number | null;
  /** How many keys of the consumer are marked unlike; null = its app does not say. */
  readonly unlikeKeys: number | null;
  /** It is held, and begins when it goes on. */
  readonly paused: boolean;
}

/** V2's rows of an entity. Throws `OPERATIONS_UNKNOWN_ENTITY`. */
export function reprojection(sides: ControlSides, entity: string, asked: ResyncAsked): Promise<ResyncPlan> {
  const { name, version } = entityNamed(sides.entities, entity);
  return plan(sides, `v2-projector.${name}`, asked, asked.older === true ? version : null);
}

/** What a port has sent. Throws `OPERATIONS_UNKNOWN_PORT`, and `OPERATIONS_REFUSED` while it is off. */
export async function rePorting(sides: ControlSides, port: string, asked: ResyncAsked): Promise<ResyncPlan> {
  const { port: name } = portNamed(sides.entities, port);
  if (portMode(sides.control.state(), name) === 'off') {
    throw refusedBy(`${name} sends nothing once more`, `it is off; banyan ports on ${name}`);
  }
  return plan(sides, `${PORTER_APP}.${name}`, asked, null);
}

async function plan(
  { control, apps }: ControlSides,
  consumer: string,
  { key, unlike = false }: ResyncAsked,
  olderThan: number | null,
): Promise<ResyncPlan> {
  const [app = ''] = consumer.split('.');
  const { apps: answers } = await readStatus(apps.filter((one) => one.app === app));
  const its = answers.flatMap(({ consumers }) => consumers).find((one) => `${app}.${one.consumer}` === consumer);
  return {
    consumer,
    key: key ?? null,
    unlike,
    olderThan,
    unlikeKeys: its?.unlike ?? null,
    paused: consumerControl(control.state(), consumer).paused !== undefined,
  };
}

/** Asks for it; the consumer's app carries it out. Throws `OPERATIONS_REFUSED` while another one is under way. */
export async function requestResync(sides: ControlSides, asked: ResyncPlan): Promise<Resync> {
  const { consumer, key, unlike, olderThan } = asked;
  const { control, by, reason } = sides;
  const data = { subject: resyncSubject(consumer), key, unlike, olderThan };
  const answer = await control.append({ type: 'banyan.control.v1.ResyncRequested', data }, { by, reason });
  const open = answer.accepted ? openResync(answer.state, consumer) : undefined;
  if (open !== undefined) return open;
  throw refusedBy(`${consumer} makes nothing anew`, answer.accepted ? 'it is over already' : answer.why);
}

/** Calls it off: what was made anew stays so, and what was sent goes on. Throws `OPERATIONS_REFUSED` where none is under way. */
export async function cancelResync(sides: ControlSides, consumer: string): Promise<void> {
  const { control, by, reason } = sides;
  const open = openResync(control.state(), consumer);
  if (open === undefined) throw refusedBy('Nothing is called off', `${consumer} has nothing under way`);
  const { request } = open;
  const counts = { done: 0, standing: 0, failed: 0 };
  const data = { subject: resyncSubject(consumer), request, outcome: 'cancelled', ...counts } as const;
  const answer = await control.append({ type: 'banyan.control.v1.ResyncEnded', data }, { by, reason });
  if (!answer.accepted) throw refusedBy('Nothing is called off', answer.why);
}
