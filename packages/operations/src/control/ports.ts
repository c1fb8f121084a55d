import { type PortMode, portMode, portSubject, readMode } from '@banyan/control';
import { topicOf } from '@banyan/transformer';
import { entityNamed } from '../context.js';
import { recordsBehind } from '../records-behind.js';
import { readStatus } from '../status.js';
import { portNamed, portsOf, readRoutesOf } from './legacy-routes.js';
import { type ControlSides, refusedBy } from './sides.js';

export interface PortStatus {
  /** `order.backend` */
  readonly port: string;
  readonly mode: PortMode;
  readonly since: string | null;
  readonly by: string | null;
}

export function listPorts({ control, entities }: Pick<ControlSides, 'control' | 'entities'>): readonly PortStatus[] {
  const state = control.state();
  return portsOf(entities).map(({ port }) => {
    const last = state.last[portSubject(port)];
    return { port, mode: portMode(state, port), since: last?.at ?? null, by: last?.by ?? null };
  });
}

/** Throws `OPERATIONS_UNKNOWN_PORT`, `OPERATIONS_REFUSED`. */
export async function switchPort(sides: ControlSides, name: string, to: PortMode): Promise<void> {
  const { control, by, reason } = sides;
  const { port, primary } = portNamed(sides.entities, name);
  const expectedVersion = control.state().versions[portSubject(port)] ?? 0;
  // Off, a further port waits, and what it is owed with it; nobody reads legacy through it.
  const why = to === 'off' && primary ? await whyNotOff(sides, port) : undefined;
  if (why !== undefined) throw refusedBy(`${port} stays on`, why);
  const subject = portSubject(port);
  const change: Parameters<typeof control.append>[0] =
    to === 'off'
      ? { type: 'banyan.control.v1.PortSwitchedOff', data: { subject, primary } }
      : { type: 'banyan.control.v1.PortSwitchedOn', data: { subject } };
  const answer = await control.append(change, { by, reason, expectedVersion });
  if (!answer.accepted) throw refusedBy(`${port} stays ${portMode(control.state(), port)}`, answer.why);
}

/** Sends that are under way would end in a legacy nobody looks at, or never. */
async function whyNotOff(sides: ControlSides, port: string): Promise<string | undefined> {
  const { entity } = portNamed(sides.entities, port);
  const state = sides.control.state();
  const reads = readRoutesOf(sides.entities, entity).filter(
    (route) => !['new', 'gone'].includes(readMode(state, route)),
  );
  if (reads.length > 0) return `legacy still answers ${reads.join(', ')}; set them to new or gone first`;
  const { apps } = await readStatus(sides.apps.filter(({ app }) => app === 'legacy-porter'));
  const away = apps.find((app) => app.away !== undefined)?.away;
  if (away !== undefined) return away;
  const running = apps.flatMap(({ consumers }) => consumers).filter((one) => one.consumer === port);
  const [consumer] = running;
  if (consumer === undefined) return `no porter runs ${port}, so nobody can say what is open`;
  // Sends are counted in the journal, which all share. So are positions: the lag that a process tells is that of its own partitions.
  const { work = 0, parked, inDoubt = 0, positions } = consumer;
  if (positions === undefined) return `the porter does not tell how far ${port} has read; is it of this version?`;
  const lagRecords = await recordsBehind(sides, topicOf(entityNamed(sides.entities, entity)), positions);
  if (work + parked + inDoubt + lagRecords === 0) return undefined;
  return `${work} sends are open, ${parked} keys parked, ${inDoubt} in doubt, ${lagRecords} records behind; let them finish first`;
}
