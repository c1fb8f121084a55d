import { setTimeout as delay } from 'node:timers/promises';
import { APPS, type AppName } from '../../world.js';
import type { Arena } from '../arena.js';
import type { Fault, Part } from '../fault.js';

const OUTAGE_MS = 5_000;

interface Restartable {
  kill(): Promise<void>;
  start(): Promise<void>;
}

const killed = (app: AppName): Fault => ({
  name: `${app} killed with SIGKILL`,
  breaks: [app],
  strike: async ({ world }) => {
    await world.app(app).kill();
    await world.app(app).start();
    return undefined;
  },
});

const away = (
  name: string,
  breaks: readonly Part[],
  part: (arena: Arena) => Restartable,
  meanwhile: (arena: Arena) => Promise<void> = async () => undefined,
): Fault => ({
  name,
  breaks,
  strike: async (arena) => {
    await part(arena).kill();
    await Promise.all([delay(OUTAGE_MS), meanwhile(arena)]);
    await part(arena).start();
    return undefined;
  },
});

/** Machines that lose power: each app wherever it is, and all that the apps need. */
export const outages: readonly Fault[] = [
  ...APPS.map(killed),
  away('kafka killed, and started again after 5 s', ['kafka'], ({ linked }) => linked.stack.services.kafka),
  away('postgres killed, and started again after 5 s', ['postgres'], ({ linked }) => linked.stack.services.postgres),
  away('legacy killed, and started again after 5 s', ['legacy'], ({ world }) => world.app('legacy-northwind')),
  away(
    'the registry killed, new API, projector and porter with it; they start without it',
    ['registry', 'new-api', 'v2-projector', 'legacy-porter'],
    ({ linked }) => linked.stack.services.registry,
    async ({ world }) => {
      for (const app of ['new-api', 'v2-projector', 'legacy-porter'] as const) {
        await world.app(app).kill();
        await world.app(app).start();
      }
    },
  ),
];
