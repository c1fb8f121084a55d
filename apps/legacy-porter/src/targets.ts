import { MAX_SENDS } from '@banyan/control';
import { systemClock } from '@banyan/core';
import { createLegacyApi, createSqlSender, type LegacyApi, type SqlSender } from '@banyan/legacy';
import { createPool, type Pool } from '@banyan/postgres';
import type { SqlTarget } from '@banyan/transformer';
import { databaseUrl, latencyObjectiveMs, type PorterConfig } from './config.js';
import type { PorterTarget } from './porter-target.js';
import { AnswerTimes, measuredApi, measuredSqlSender } from './sending/answer-times.js';

/** The target of every primary port: legacy's HTTP API. */
export const LEGACY = 'legacy';
/** Connections to a further legacy database, and so sends in flight: it has other users, who were there first. */
const CONNECTIONS = 8;
/** With the wait for a lock below it: somebody who holds a row holds up one send, and no longer than this. */
const STATEMENT_MS = 5_000;

/** The legacy backends that this process sends to, each opened once. */
export class Targets {
  readonly api: LegacyApi;
  readonly #config: PorterConfig;
  readonly #onIdleError: (database: string, error: Error) => void;
  readonly #pools = new Map<string, Pool>();
  readonly #times = new Map<string, AnswerTimes>();

  constructor(config: PorterConfig, onIdleError: (database: string, error: Error) => void) {
    this.#config = config;
    this.#onIdleError = onIdleError;
    const api = createLegacyApi({ baseUrl: config.LEGACY_URL, connections: MAX_SENDS });
    this.api = measuredApi(api, this.#timesOf(LEGACY));
  }

  /** @param consumer `order.billing`; undefined = nobody said where the target's database is */
  sqlSender(consumer: string, target: SqlTarget): SqlSender | undefined {
    const pool = this.#pool(target.database);
    if (pool === undefined) return undefined;
    return measuredSqlSender(createSqlSender(consumer, target, pool), this.#timesOf(target.database));
  }

  /** Of a further legacy database; undefined = nobody said where it is. */
  #pool(database: string): Pool | undefined {
    const url = databaseUrl(this.#config, database);
    const open = this.#pools.get(database);
    if (open !== undefined || url === undefined) return open;
    const pool = createPool({
      url,
      applicationName: this.#config.INSTANCE_NAME,
      max: CONNECTIONS,
      statementTimeoutMs: STATEMENT_MS,
      onIdleError: (error) => this.#onIdleError(database, error),
    });
    this.#pools.set(database, pool);
    return pool;
  }

  all(): readonly PorterTarget[] {
    const { PORTER_CONCURRENCY, PORTER_LATENCY_OBJECTIVE_MS } = this.#config;
    return [
      {
        name: LEGACY,
        concurrency: PORTER_CONCURRENCY,
        objectiveMs: PORTER_LATENCY_OBJECTIVE_MS,
        answers: this.#timesOf(LEGACY).take,
        close: () => this.api.close(),
      },
      ...[...this.#pools].map(([name, pool]) => ({
        name,
        concurrency: Math.min(CONNECTIONS, PORTER_CONCURRENCY),
        objectiveMs: latencyObjectiveMs(this.#config, name),
        answers: this.#timesOf(name).take,
        close: () => pool.end(),
      })),
    ];
  }

  #timesOf(target: string): AnswerTimes {
    const known = this.#times.get(target);
    if (known !== undefined) return known;
    const times = new AnswerTimes(systemClock);
    this.#times.set(target, times);
    return times;
  }
}
