import type { EventType } from '@banyan/contracts';
import {
  type AnyEntity,
  CommandRefused,
  defineEntity,
  derivedFrom,
  type LegacyRow,
  type WhyRestated,
} from '@banyan/transformer';
import { z } from 'zod';

/** An entity on which a change that counts twice shows: its total. */
export interface Counter {
  readonly name: string;
  readonly total: number;
}

type CounterEvent =
  | { readonly type: 'test.counter.v1.CounterOpened'; readonly data: { readonly name: string } }
  | { readonly type: 'test.counter.v1.CounterRaised'; readonly data: { readonly by: number } }
  | { readonly type: 'test.counter.v1.CounterImported'; readonly data: Counter & { readonly legacyId: string } }
  | { readonly type: 'test.counter.v1.CounterVanished'; readonly data: { readonly legacyId: string } }
  | {
      readonly type: 'test.counter.v1.CounterRestated';
      readonly data: WhyRestated & { readonly state: Counter | null };
    };

const type = (name: string): EventType => ({ name: `test.counter.v1.${name}`, schema: {} });

export const counter: AnyEntity = defineEntity<Counter, CounterEvent, LegacyRow>({
  name: 'counter',
  domain: 'test',
  version: 1,
  events: [
    type('CounterOpened'),
    type('CounterRaised'),
    type('CounterImported'),
    type('CounterVanished'),
    type('CounterRestated'),
  ],
  evolve: (state, event) => {
    switch (event.type) {
      case 'test.counter.v1.CounterOpened':
        return { name: event.data.name, total: 0 };
      case 'test.counter.v1.CounterImported':
        return { name: event.data.name, total: event.data.total };
      case 'test.counter.v1.CounterRestated':
        return event.data.state === null ? undefined : { name: event.data.state.name, total: event.data.state.total };
      case 'test.counter.v1.CounterVanished':
        return undefined;
      case 'test.counter.v1.CounterRaised':
        return { name: state?.name ?? '', total: (state?.total ?? 0) + event.data.by };
    }
  },
  restated: {
    type: type('CounterRestated'),
    of: (state, why) => ({ type: 'test.counter.v1.CounterRestated', data: { ...why, state: state ?? null } }),
  },
  commands: [
    {
      name: 'OpenCounter',
      summary: 'Open a counter.',
      http: { method: 'POST', path: '/v2/counters' },
      body: z.strictObject({ name: z.string() }),
      legacyIdOf: (command: { name: string }) => command.name,
      decide: (command: { name: string }, state: Counter | undefined) => {
        if (state !== undefined) throw new CommandRefused('COUNTER_EXISTS', 'It is there.');
        return { type: 'test.counter.v1.CounterOpened', data: { name: command.name } };
      },
    },
    {
      name: 'RaiseCounter',
      summary: 'Raise a counter.',
      http: { method: 'POST', path: '/v2/counters/:id/raise' },
      body: z.strictObject({ by: z.number() }),
      decide: (command: { by: number }) => {
        if (command.by < 0) throw new CommandRefused('COUNTER_ONLY_UP', 'A counter is only raised.');
        return command.by === 0 ? undefined : { type: 'test.counter.v1.CounterRaised', data: { by: command.by } };
      },
    },
  ] as never,
  queries: [{ type: 'one', name: 'GetCounter', summary: 'One counter.', path: '/v2/counters/:id' }],
  projections: [],
  migrations: [],
  legacy: {
    identity: derivedFrom((state: Counter) => state.name),
    canonicalId: (raw) => raw.toUpperCase(),
    idOf: (row) => String(row.Name),
    reader: {
      sql: { idsAfter: '', rows: '' },
      http: { page: () => '/', one: () => '/' },
      canonical: (raw) => raw as LegacyRow,
    },
    refsOfRow: () => [],
    importRow: (row) => ({
      type: 'test.counter.v1.CounterImported',
      data: { legacyId: String(row.Name), name: String(row.Name), total: Number(row.Total) },
    }),
    importAbsence: (legacyId) => ({ type: 'test.counter.v1.CounterVanished', data: { legacyId } }),
    ports: [
      {
        name: 'backend',
        primary: true,
        refsOf: () => [],
        format: (state) => ({ Name: state.name, Total: state.total }),
        target: {
          create: { deliveryClass: 'idempotent', request: () => ({ method: 'POST', path: '/' }) },
          update: () => ({ method: 'PUT', path: '/' }),
          delete: () => ({ method: 'DELETE', path: '/' }),
          settleAfterMs: 0,
          compareAndSetWindow: 'none',
        },
      },
    ],
    routes: [],
    compare: { ignores: [], losses: [] },
  },
});
