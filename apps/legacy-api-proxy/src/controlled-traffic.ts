import { type Control, type ControlState, controlLive } from '@banyan/control';
import { type Clock, type NewId, newId, systemClock } from '@banyan/core';
import type { HealthCheck, Log } from '@banyan/service';
import { LiveTable } from './control/live-table.js';
import type { TableFile } from './control/table-file.js';
import { Preparer } from './gate/preparer.js';
import { WriteGates } from './gate/write-gates.js';
import { type ProxyLoad, proxyMetrics } from './proxy-metrics.js';
import { Comparer } from './reads/comparer.js';
import type { Mismatches } from './reads/mismatches.js';
import { Reads } from './reads/reads.js';
import { routeTable } from './routing/route-table.js';
import type { TranslatedEntity } from './routing/translation.js';
import type { ProxyStatus } from './status.controller.js';
import { traffic } from './traffic.js';
import type { LegacyClient } from './upstream/legacy-client.js';
import type { NewApi } from './upstream/new-api-client.js';
import { creationKeys } from './writes/creation-key.js';
import { roundTrips } from './writes/round-trip.js';
import { Writes } from './writes/writes.js';

export interface ControlledTrafficOptions {
  readonly entities: readonly TranslatedEntity[];
  readonly control: Control;
  readonly file: TableFile;
  readonly newApi: NewApi;
  readonly legacy: LegacyClient;
  readonly mismatches: Mismatches;
  readonly instance: string;
  /** Where the admin port answers, once it does. */
  readonly adminUrl: () => string | null;
  readonly pointer: string;
  readonly holdMaxMs: number;
  readonly heldMax: number;
  readonly bodyIdleMs: number;
  readonly deadlineMs: number;
  readonly creationWindowMs: number;
  readonly shadowConcurrency: number;
  readonly confirmAfterMs: number;
  readonly log: Log;
  readonly clock?: Clock;
  readonly newId?: NewId;
}

export interface ControlledTraffic {
  readonly handle: ReturnType<typeof traffic>;
  readonly status: ProxyStatus;
  readonly load: ProxyLoad;
  readonly health: HealthCheck;
  /** Resolves with the table of the disk in force. */
  loadTable(): Promise<void>;
  /** Follows the control log, and joins it. */
  follow(): void;
  /** After the last call was answered: leaves the control log in order, unless something may still be under way at legacy. */
  close(): Promise<void>;
}

/** Comparisons that wait, at most; each may hold an answer of up to 1 MB. */
const COMPARISONS_WAITING = 64;

/** Everything between a call and where it goes, wired. */
export function controlledTraffic(options: ControlledTrafficOptions): ControlledTraffic {
  const { control, instance, log, newApi, legacy, pointer } = options;
  const clock = options.clock ?? systemClock;
  const metrics = proxyMetrics();
  const entities = new Map(options.entities.map((one) => [one.name, one]));
  const names = [...entities.keys()];
  const entity = (name: string): TranslatedEntity => {
    const found = entities.get(name);
    if (found === undefined) throw new TypeError(`No route of an entity ${name} is known.`);
    return found;
  };
  const warn = (error: unknown, what: string): void => log.warn({ err: error }, `${what} failed`);
  const table = new LiveTable({
    control,
    file: options.file,
    party: instance,
    url: options.adminUrl,
    onError: warn,
  });
  const settleAfterMs = (name: string): number => entity(name).settleAfterMs;
  const gates = new WriteGates({
    view: table,
    holdMaxMs: options.holdMaxMs,
    heldMax: options.heldMax,
    settleAfterMs,
    onIdle: () => preparer.review(),
  });
  const preparer = new Preparer({
    party: instance,
    entities: names,
    view: table,
    gates,
    clock,
    settleAfterMs,
    saveTable: () => table.save(),
    acknowledge: async (name, epoch) => {
      await table.prepared(name);
      log.info({ entity: name, epoch }, 'no direct write is open any more: prepared for the move');
    },
    onError: (error, name) => warn(error, `preparing the move of ${name}`),
  });
  table.onChange(() => {
    gates.review();
    preparer.review();
  });
  const comparer = new Comparer({
    mismatches: options.mismatches,
    instance,
    concurrency: options.shadowConcurrency,
    waitingMax: COMPARISONS_WAITING,
    confirmAfterMs: options.confirmAfterMs,
    nowMs: () => clock.now(),
    onVerdict: ({ entity: name, route, verdict }) => metrics.comparisons.inc({ route: `${name}.${route}`, verdict }),
    onFailure: (error, request) => log.debug({ err: error, request }, 'a comparison failed'),
  });
  const reads = new Reads({
    modeOf: (route) => table.readMode(route),
    isPortOn: (port) => table.isPortOn(port),
    entity,
    newApi,
    legacy,
    comparer,
    timeoutMs: options.deadlineMs,
    pointer,
    onRead: ({ route, way }) => metrics.reads.inc({ route, way }),
    onError: (error, target) => log.warn({ err: error, target }, 'V2 did not answer a read'),
  });
  const writes = new Writes({
    gates,
    entity,
    newApi,
    roundTrip: roundTrips({
      newApi,
      legacy,
      keys: creationKeys({ windowMs: options.creationWindowMs, clock }),
      newId: options.newId ?? newId,
      clock,
      isPortOn: (port) => table.isPortOn(port),
      deadlineMs: options.deadlineMs,
    }),
    askMaxMs: options.holdMaxMs,
    bodyIdleMs: options.bodyIdleMs,
    pointer,
    onWrite: ({ entity: name, way }) => metrics.writes.inc({ entity: name, way }),
    onRoundTrip: ({ entity: name, verdict, tookMs }) =>
      metrics.roundTrips.observe({ entity: name, verdict }, tookMs / 1_000),
    onError: (error, write) => log.warn({ err: error, ...write }, 'a write was not carried out as asked'),
  });
  const openDirect = (name: string): number => gates.openDirect(name);
  const held = (name: string): number => gates.held(name);
  return {
    handle: traffic({ routes: routeTable(options.entities), reads, writes }),
    load: { entities: names, openDirect, held },
    status: {
      status: () => ({
        app: 'legacy-api-proxy',
        instance,
        consumers: [],
        control: { live: table.isLive(), registered: table.registered(), error: control.lastError()?.message ?? null },
        entities: Object.fromEntries(
          names.map((name) => [
            name,
            {
              gate: gates.gate(name),
              because: gates.holdReason(name) ?? null,
              ...table.entity(name),
              openDirect: openDirect(name),
              held: held(name),
            },
          ]),
        ),
        reads: readsOf(entities, table),
        ports: portsOf(entities, table.state()),
        openWrites: Object.fromEntries(names.map((name) => [name, openDirect(name)])),
      }),
      mismatches: () => options.mismatches.last(),
    },
    health: {
      name: 'control',
      live: () => (table.replaced() ? { ok: false, reason: REPLACED } : controlLive(control)),
      ready: () =>
        table.registered()
          ? { ok: true }
          : { ok: false, reason: `not registered in the control log${because(control.lastError())}; writes wait` },
    },
    loadTable: () => table.load(),
    follow: () => table.follow(),
    async close() {
      comparer.close();
      gates.close();
      preparer.close();
      const open = names.filter((name) => openDirect(name) > 0);
      // Whoever leaves is not waited for: with a write of unknown fate at legacy a move could pass it.
      if (open.length > 0) log.warn({ open }, 'stays registered: legacy may still carry out a direct write');
      else if (control.lastError() === undefined) await table.leave().catch((error: unknown) => warn(error, 'leaving'));
      table.close();
    },
  };
}

const REPLACED = 'another process came up under this INSTANCE_NAME; this one writes nothing any more';

function because(error: Error | undefined): string {
  return error === undefined ? '' : ` (${error.message})`;
}

function readsOf(entities: ReadonlyMap<string, TranslatedEntity>, table: LiveTable): Record<string, string> {
  const routes = [...entities.values()].flatMap(({ name, routes: all }) =>
    all.filter(({ kind }) => kind === 'read').map((route) => `${name}.${route.name}`),
  );
  return Object.fromEntries(routes.map((route) => [route, table.readMode(route)]));
}

function portsOf(entities: ReadonlyMap<string, TranslatedEntity>, { ports }: ControlState): Record<string, string> {
  const names = [...entities.values()].flatMap(({ allPorts }) => allPorts);
  return Object.fromEntries(names.map((name) => [name, ports[name] ?? 'on']));
}
