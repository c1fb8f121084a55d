import { entities as migrated } from '@banyan/migration';
import { migrate } from '@banyan/postgres';
import { atMost, GiveUp, logger, type RunningApp, runApp } from '@banyan/service';
import { type AnyEntity, findEntity } from '@banyan/transformer';
import type { DynamicModule } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import { apiHealth } from './api-health.js';
import { API_SCHEMA, apiMigrations } from './api-schema.js';
import { assemble, type Parts } from './assemble.js';
import { Until } from './background.js';
import type { NewApiConfig } from './config.js';
import { routesOf } from './http/api-routes.js';
import { entityController } from './http/entity.controller.js';
import { openApiOf } from './http/openapi.js';
import { creationsController } from './idempotency/creations.controller.js';
import { legacyViewController } from './legacy-view/legacy-view.controller.js';
import { receiptsController } from './receipts/receipts.controller.js';
import { restateController } from './restating/restate.controller.js';

const NAME = 'new-api';
/** What still begins when the stop comes is waited for so long, milliseconds. */
const BEGINNING_MS = 1_500;

/**
 * Serves reads at once, and writes as soon as Kafka, the registry and the projector's store answer; until then those are 503. Throws
 * `TRANSFORMER_ENTITY_UNKNOWN` when `TRANSFORMERS` names an entity that is not being migrated.
 */
export async function startNewApi(config: NewApiConfig, known: readonly AnyEntity[] = migrated): Promise<RunningApp> {
  const served = config.TRANSFORMERS?.map((name) => findEntity(known, name)) ?? known;
  const log = logger(NAME);
  const gaveUp = new GiveUp();
  const parts = assemble({ app: NAME, config, known, log, gaveUp });
  const waits = [
    new Until('log', () => parts.prepareWriter(), log),
    new Until('keys and receipts', () => prepareKept(parts), log),
    new Until('v2 store', () => parts.store.requirePrepared(known.map((entity) => entity.name)), log),
  ];
  for (const background of [...waits, ...parts.pulses]) background.start();
  parts.acks?.start();
  void parts.control.follow();
  const stopAll = async (): Promise<void> => {
    const background = [...waits, ...parts.pulses, parts.forgetting, ...(parts.acks === undefined ? [] : [parts.acks])];
    await atMost(BEGINNING_MS, Promise.all(background.map((one) => one.stop())));
    await parts.close();
  };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopAll();
    return stopped;
  };
  const byEntity = served.map((entity) => ({ entity, routes: routesOf(parts.tools, entity) }));
  try {
    return await runApp({
      name: NAME,
      module: apiModule(
        [
          ...byEntity.map(({ entity, routes }) => entityController(entity.name, routes)),
          receiptsController(parts.tools, config.RECEIPT_WAIT_MAX_S),
          legacyViewController(parts.tools),
          creationsController(parts.tools.idempotency),
          restateController(parts.tools),
        ],
        { drain: () => parts.drain.begin(), stop },
      ),
      config,
      health: [...waits, ...parts.pulses, ...apiHealth(parts)],
      gaveUp,
      configure: (app) => {
        const routes = byEntity.flatMap((each) => each.routes);
        const document = openApiOf(routes, { waitMaxS: config.RECEIPT_WAIT_MAX_S });
        SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'docs-json' });
      },
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareKept({ apiPool, forgetting }: Parts): Promise<void> {
  await migrate(apiPool, API_SCHEMA, apiMigrations);
  forgetting.start();
}

function apiModule(
  controllers: DynamicModule['controllers'],
  { drain, stop }: { readonly drain: () => void; stop(): Promise<void> },
): DynamicModule {
  class NewApiModule {
    /** Before open requests are waited for. */
    beforeApplicationShutdown(): void {
      drain();
    }
    onApplicationShutdown(): Promise<void> {
      return stop();
    }
  }
  return { module: NewApiModule, controllers: controllers ?? [] };
}
