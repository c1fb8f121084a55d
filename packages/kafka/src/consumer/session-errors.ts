/**
 * kafkajs marks these as not worth a retry, and they are what a broker that is away or just coming up looks like: no
 * coordinator yet, a lock that waited for a dead connection.
 */
const HEALS = new Set([
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSBrokerNotFound',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
]);

/**
 * Whether a crash of kafkajs makes no sense to repeat for ever: a refusal by the broker (permissions, another protocol in
 * the group), or a fault in kafkajs itself (a TypeError).
 * @param retriable kafkajs' own opinion
 */
export function isFatal(error: unknown, retriable: boolean): boolean {
  if (retriable) return false;
  let at = error;
  for (let depth = 0; depth < 10 && at instanceof Error; depth++) {
    if (HEALS.has(at.name)) return false;
    at = at.cause;
  }
  return true;
}
