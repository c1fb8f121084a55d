import 'reflect-metadata';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LoggerModule, Logger as NestPinoLogger } from 'nestjs-pino';
import { redacted } from './compile-config.js';
import type { GiveUp } from './give-up.js';
import { HEALTH_CHECKS, HealthController } from './health/health.controller.js';
import type { HealthCheck } from './health/health-check.js';
import { guardCommands } from './http/command-guard.js';
import { ProblemFilter } from './http/problem.filter.js';
import { measureRequests } from './http/request-metrics.js';
import { listenFailure } from './listen-failure.js';
import { announce, logger, rootLogger, setLogLevel } from './logger.js';

/** Largest request body, bytes. */
export const BODY_LIMIT_BYTES = 1_048_576;

const OPEN_REQUESTS_MS = 4_000;

export interface AppOptions {
  /** `new-api`: in every log line. */
  readonly name: string;
  /**
   * Close what you opened in `onApplicationShutdown`: open requests have been answered by then, or cut. What lets them come to an end
   * belongs into `beforeApplicationShutdown`: requests are taken and answered until that has returned.
   */
  readonly module: DynamicModule | Type<unknown>;
  /** Logged at start with secrets masked. */
  readonly config: {
    readonly PORT: number;
    readonly HOST: string;
    readonly LOG_LEVEL: string;
    readonly OPERATOR_TOKEN?: string | undefined;
  };
  readonly health: readonly HealthCheck[];
  /** Where the app says what of it cannot go on; it fails liveness from then on, while the rest drains. Default: nothing of it ever says so. */
  readonly gaveUp?: GiveUp;
  /** How long requests may stay open behind the stop, milliseconds, default 4,000; with all that is closed below the 10 s of a drain. */
  readonly openRequestsMs?: number;
  /** Before listening: OpenAPI pages, Fastify hooks. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

export interface RunningApp {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** What of it cannot go on: `runMain` then drains the rest and ends the process. undefined = nothing of it ever says so. */
  readonly gaveUp?: GiveUp;
  /** Readiness goes off, open requests are answered or cut, then the module's shutdown hooks run. Repeatable. */
  close(): Promise<void>;
}

/**
 * Starts an app's shell: /health/live, /health/ready, /metrics, problem details, request logs, bodies up to 1 MB. Prints the
 * `listening` line. Rejects when the start fails, with everything closed again. `runMain` makes a process of it.
 */
export async function runApp(options: AppOptions): Promise<RunningApp> {
  const { name, config } = options;
  setLogLevel(config.LOG_LEVEL);
  logger(name).info({ config: redacted(config) }, 'starting');
  let closing: Promise<void> | undefined;
  const draining: HealthCheck = {
    name: 'shutdown',
    ready: () => (closing === undefined ? { ok: true } : { ok: false, reason: 'the app is stopping' }),
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    shell({ ...options, health: [draining, ...goingOn(options.gaveUp), ...options.health] }),
    new FastifyAdapter({ bodyLimit: BODY_LIMIT_BYTES, requestTimeout: 30_000, routerOptions: { maxParamLength: 256 } }),
    { bufferLogs: true, abortOnError: false, forceCloseConnections: false },
  );
  try {
    app.useLogger(app.get(NestPinoLogger));
    app.useGlobalFilters(new ProblemFilter());
    const fastify = app.getHttpAdapter().getInstance();
    measureRequests(fastify);
    guardCommands(fastify, { host: config.HOST, token: config.OPERATOR_TOKEN });
    boundOpenRequests(app, options);
    await options.configure?.(app);
    await app.listen(config.PORT, config.HOST);
  } catch (error) {
    await app
      .close()
      .catch((cause: unknown) => logger(name).warn({ err: cause }, 'closing after a failed start failed'));
    throw listenFailure(error, { host: config.HOST, port: config.PORT });
  }
  const url = await app.getUrl();
  announce(name, { url }, 'listening');
  return {
    url,
    ...(options.gaveUp === undefined ? {} : { gaveUp: options.gaveUp }),
    close: () => {
      closing ??= app.close();
      return closing;
    },
  };
}

function goingOn(gaveUp: GiveUp | undefined): readonly HealthCheck[] {
  return gaveUp === undefined ? [] : [{ name: 'going on', live: () => gaveUp.verdict() ?? { ok: true } }];
}

/** Neither a request that does not come to an end nor a connection kept for a next one may keep the process from leaving in order. */
function boundOpenRequests(app: NestFastifyApplication, { name, openRequestsMs = OPEN_REQUESTS_MS }: AppOptions): void {
  const server = app.getHttpServer();
  const fastify = app.getHttpAdapter().getInstance();
  let closing = false;
  let cut: NodeJS.Timeout | undefined;
  // When nothing new is accepted any more.
  fastify.addHook('preClose', async () => {
    closing = true;
    cut = setTimeout(() => {
      logger(name).warn(`requests that were open for ${openRequestsMs} ms after the stop are cut`);
      server.closeAllConnections();
    }, openRequestsMs);
  });
  // Idle connections are closed by then; one that is answered now would stay, for as long as its client likes.
  fastify.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  server.once('close', () => clearTimeout(cut));
}

function shell(options: AppOptions): DynamicModule {
  class Shell {}
  Module({})(Shell);
  return {
    module: Shell,
    imports: [requestLogs(), options.module],
    controllers: [HealthController],
    providers: [{ provide: HEALTH_CHECKS, useValue: options.health }],
  };
}

/** A line per request that failed or was refused; the others at debug, so that load does not drown the log. */
function requestLogs(): DynamicModule {
  return LoggerModule.forRoot({
    pinoHttp: {
      logger: rootLogger,
      quietReqLogger: true,
      autoLogging: { ignore: (request) => /^\/(health|metrics)/.test(request.url ?? '') },
      customLogLevel: (_request, response, error) => {
        if (error !== undefined || response.statusCode >= 500) return 'warn';
        return response.statusCode >= 400 ? 'info' : 'debug';
      },
    },
  });
}
