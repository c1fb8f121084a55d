import { entityControl, portMode, readMode } from '@banyan/control';
import { readStatus } from '../status.js';
import { whatStands } from './authority.js';
import { evidenceOf } from './evidence.js';
import { portsOf, readRoutesOf } from './legacy-routes.js';
import type { ControlSides } from './sides.js';

export interface ReadinessItem {
  readonly entity: string;
  /** What has to be so before legacy can go. */
  readonly what: 'writes' | 'reads' | 'ports' | 'settled' | 'verified';
  readonly ok: boolean;
  /** What was seen, in words. */
  readonly evidence: string;
}

export interface Readiness {
  /** Legacy can go. */
  readonly ready: boolean;
  readonly items: readonly ReadinessItem[];
}

/** What is left before legacy can go, each with what was seen. Asking nothing is never "ready". */
export async function readiness(sides: ControlSides): Promise<Readiness> {
  const items = (await Promise.all(sides.entities.map((entity) => itemsOf(sides, entity)))).flat();
  return { ready: items.length > 0 && items.every(({ ok }) => ok), items };
}

async function itemsOf(sides: ControlSides, entity: ControlSides['entities'][number]): Promise<ReadinessItem[]> {
  const { name } = entity;
  const state = sides.control.state();
  const { writeMode, epoch, move } = entityControl(state, name);
  const reads = readRoutesOf(sides.entities, name).map((route) => [route, readMode(state, route)] as const);
  const unused = await portsNotConfigured(sides);
  const ports = portsOf([entity]).map(
    ({ port }) => [port, unused.has(port) ? 'not configured' : portMode(state, port)] as const,
  );
  const standing = await whatStands(sides, entity);
  const { backfilledAt, verdict, verifiedAt } = await evidenceOf(sides.banyan, name, epoch);
  const open = move === undefined ? '' : `, a move ${move.direction} is ${move.step}`;
  return [
    {
      entity: name,
      what: 'writes',
      ok: writeMode !== 'legacy' && move === undefined,
      evidence: `writes are ${writeMode} in epoch ${epoch}${open}`,
    },
    {
      entity: name,
      what: 'reads',
      ok: reads.length > 0 && reads.every(([, mode]) => mode === 'new' || mode === 'gone'),
      evidence: reads.length === 0 ? 'no read routes are declared' : list(reads),
    },
    { entity: name, what: 'ports', ok: ports.every(([, mode]) => mode !== 'on'), evidence: list(ports) },
    {
      entity: name,
      what: 'settled',
      ok: standing.length === 0,
      evidence: standing.length === 0 ? 'nothing is parked, in doubt, waiting or unlike' : standing.join('; '),
    },
    {
      entity: name,
      what: 'verified',
      ok: verdict === 'identical',
      evidence:
        backfilledAt === null
          ? `no backfill begun in epoch ${epoch} is done`
          : verdict === null
            ? `not verified since the backfill of ${backfilledAt}`
            : `${verdict} at ${verifiedAt}, behind the backfill of ${backfilledAt}`,
    },
  ];
}

async function portsNotConfigured({ apps }: ControlSides): Promise<ReadonlySet<string>> {
  const { apps: answers } = await readStatus(apps.filter(({ app }) => app === 'legacy-porter'));
  return new Set(answers.flatMap(({ notConfigured = [] }) => notConfigured.map(({ consumer }) => consumer)));
}

function list(modes: readonly (readonly [string, string])[]): string {
  return modes.map(([name, mode]) => `${name} ${mode}`).join(', ');
}
