import { type DomainEvent, type LogRecord, type RecordKind, readKind } from '@banyan/contracts';
import { BanyanError, isBanyanError } from '@banyan/core';

/** The part of the codec that a sink needs. Throws a retryable error when the registry is away; any other throw is poison. */
export interface Decoder {
  decode(type: string, value: Buffer): Promise<unknown>;
  /** The same at once; undefined = ask `decode`. */
  decodeKnown?(type: string, value: Buffer): unknown;
}

/** A payload as read, or why it cannot be. */
export type Decoded = { readonly event: DomainEvent } | { readonly error: BanyanError };

/** A record with what its headers say it is and its payload; markers have none. */
export interface SliceItem {
  readonly record: Pick<LogRecord, 'partition' | 'offset' | 'key' | 'value' | 'headers'>;
  readonly kind: RecordKind;
  readonly decoded: Decoded;
}

/** Reads every record. Throws what is retryable (the registry is away): then nothing of the slice is handled. */
export async function decodeAll<R extends SliceItem['record']>(
  decoder: Decoder,
  types: ReadonlySet<string>,
  records: readonly R[],
): Promise<readonly SliceItem[]> {
  const items: SliceItem[] = [];
  for (const record of records) {
    const kind = readKind(record);
    const payload = payloadOf(types, record.value, kind);
    const decoded = 'error' in payload ? payload : (known(decoder, payload) ?? (await asked(decoder, payload)));
    items.push({ record, kind, decoded });
  }
  return items;
}

interface Payload {
  readonly type: string;
  readonly value: Buffer;
}

function payloadOf(
  types: ReadonlySet<string>,
  value: Buffer | null,
  kind: RecordKind,
): Payload | { readonly error: BanyanError } {
  if (kind.type === 'marker') return refuse('SINK_NO_PAYLOAD', 'A marker has no payload.');
  const type = kind.eventType;
  if (type === undefined || !types.has(type)) {
    const known = [...types].join(', ');
    return refuse(
      'SINK_UNKNOWN_TYPE',
      `Event type ${type ?? '(none)'} is not one of this entity (${known}); deploy a version that knows it.`,
    );
  }
  if (value === null) return refuse('SINK_NO_PAYLOAD', `The record says ${type} but has no value.`);
  return { type, value };
}

function known(decoder: Decoder, { type, value }: Payload): Decoded | undefined {
  try {
    const data = decoder.decodeKnown?.(type, value);
    return data === undefined ? undefined : { event: { type, data } };
  } catch (error) {
    return poison(type, error);
  }
}

async function asked(decoder: Decoder, { type, value }: Payload): Promise<Decoded> {
  try {
    return { event: { type, data: await decoder.decode(type, value) } };
  } catch (error) {
    return poison(type, error);
  }
}

/** Throws what is retryable. */
function poison(type: string, error: unknown): Decoded {
  if (!isBanyanError(error)) {
    return refuse('SINK_UNDECODABLE', `The payload of ${type} cannot be read (${String(error)}).`, error);
  }
  if (error.retryable) throw error;
  return { error };
}

function refuse(code: string, message: string, cause?: unknown): { readonly error: BanyanError } {
  return { error: new BanyanError(code, message, cause === undefined ? {} : { cause }) };
}
