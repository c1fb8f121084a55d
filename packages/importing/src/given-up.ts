import { BanyanError } from '@banyan/core';
import type { Position } from '@banyan/kafka';

/**
 * Imports whose caller waits no longer and whose fate nobody knows, by key. They stay in the appender's queue: deciding anew beside one
 * of them would append the key's import again under another id, once per try, and all are written when Kafka is back.
 */
export class GivenUp {
  readonly #keys = new Set<string>();

  /** Throws `IMPORT_LOG_BEHIND` while an import of one of the keys is on its way. */
  requireNone(entity: string, keys: readonly string[]): void {
    const still = keys.filter((key) => this.#keys.has(key));
    if (still.length > 0) throw logBehind(entity, still);
  }

  /** Waits for the append of an import; throws `IMPORT_LOG_BEHIND` at the deadline, and knows of the import from then on. */
  async await(entity: string, key: string, appended: Promise<Position>, deadlineMs: number): Promise<Position> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      this.#keys.add(key);
      const forget = () => void this.#keys.delete(key);
      appended.then(forget, forget);
      reject(logBehind(entity, [key]));
    }, deadlineMs);
    try {
      return await Promise.race([appended, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function logBehind(entity: string, keys: readonly string[]): BanyanError {
  return new BanyanError(
    'IMPORT_LOG_BEHIND',
    `Kafka has not said yet whether it has ${keys.length} import(s) of ${entity}, ${keys[0]} among them; they are not made anew before it has. Look at the brokers if it lasts.`,
    { retryable: true, data: { entity, count: keys.length, key: keys[0] } },
  );
}
