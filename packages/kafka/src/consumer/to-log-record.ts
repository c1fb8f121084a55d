import type { LogRecord } from '@banyan/contracts';
import type { FetchedMessage } from '../kafkajs/internals.js';

/** What a fetch brought, by a group or alone, as the port has it. */
export function toLogRecord(topic: string, partition: number, message: FetchedMessage): LogRecord {
  if ('timestampMs' in message) return message;
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key === null ? null : message.key.toString('utf8'),
    value: message.value,
    headers: textHeaders(message.headers ?? {}),
  };
}

/** Header values as text; of a header that comes twice the last one, of one without a value ''. */
function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    text[name] = Buffer.isBuffer(last) ? last.toString('utf8') : String(last ?? '');
  }
  return text;
}
