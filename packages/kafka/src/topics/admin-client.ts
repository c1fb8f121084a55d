import { isBanyanError } from '@banyan/core';
import type { Admin, Kafka } from 'kafkajs';
import { atMost } from '../at-most.js';
import { unavailable } from '../log-errors.js';
import { withTimeout } from '../with-timeout.js';

/** Below the 20 s after which a consumer that waits for it counts as dead. */
const CALL_TIMEOUT_MS = 15_000;
/** How long the end waits for calls that are under way: long where Kafka answers. */
const UNDER_WAY_MS = 2_000;

/** One admin connection, made when it is first needed and thrown away after every error: a half-dead one never heals. */
export class AdminClient {
  readonly #kafka: Kafka;
  #current: Promise<Admin> | undefined;
  readonly #underWay = new Set<Promise<void>>();
  #closed = false;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /**
   * @param doing for the message of `LOG_UNAVAILABLE`: "while {doing}"
   * @param expected turns an error that the broker answered into the caller's own; undefined = Kafka is away
   */
  async call<T>(
    doing: string,
    work: (admin: Admin) => Promise<T>,
    expected: (error: unknown) => Error | undefined = () => undefined,
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<T> {
    if (this.#closed) throw unavailable(doing, new Error('the log is closed'));
    this.#current ??= this.#connect();
    const used = this.#current;
    const done = used.then(work);
    this.#disconnectBehind(done, used);
    try {
      return await withTimeout(done, timeoutMs);
    } catch (error) {
      if (this.#current === used) this.#current = undefined;
      void disconnect(used);
      if (isBanyanError(error)) throw error;
      throw expected(error) ?? unavailable(doing, error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await atMost(UNDER_WAY_MS, Promise.all(this.#underWay));
    await disconnect(this.#current);
  }

  /** kafkajs tries a call again behind a disconnect, and connects anew for it: of a thrown away client nobody would end that connection. */
  #disconnectBehind(done: Promise<unknown>, used: Promise<Admin>): void {
    const over: Promise<void> = done
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => (this.#closed || this.#current !== used ? disconnect(used) : undefined))
      .finally(() => this.#underWay.delete(over));
    this.#underWay.add(over);
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin();
    await admin.connect();
    return admin;
  }
}

async function disconnect(client: Promise<Admin> | undefined): Promise<void> {
  const admin = await client?.catch(() => undefined);
  await admin?.disconnect().catch(() => undefined);
}
