import { isBanyanError } from '@banyan/core';
import type { Admin, Kafka } from 'kafkajs';
import { unavailable } from '../log-errors.js';
import { withTimeout } from '../with-timeout.js';

/** Below the 20 s after which a consumer that waits for it counts as dead. */
const CALL_TIMEOUT_MS = 15_000;

/** One admin connection, made when it is first needed and thrown away after every error: a half-dead one never heals. */
export class AdminClient {
  readonly #kafka: Kafka;
  #current: Promise<Admin> | undefined;
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
    try {
      return await withTimeout(used.then(work), timeoutMs);
    } catch (error) {
      if (this.#current === used) this.#current = undefined;
      used.then((admin) => admin.disconnect()).catch(() => undefined);
      if (isBanyanError(error)) throw error;
      throw expected(error) ?? unavailable(doing, error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const admin = await this.#current?.catch(() => undefined);
    await admin?.disconnect().catch(() => undefined);
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin();
    await admin.connect();
    return admin;
  }
}
