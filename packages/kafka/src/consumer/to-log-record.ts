import type { LogRecord } from '@banyan/contracts';

/** What kafkajs gives for a record, by a group and by a plain fetch alike. */
export interface KafkajsMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export function toLogRecord(topic: string, partition: number, message: KafkajsMessage): LogRecord {
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
