import { type PendingEvent, storedSnapshot } from '../commands/pending-event.js';
import type { Answer } from '../http/answer.js';

/*
 * What the store of keys says to PostgreSQL, each statement for the keys of many requests at once. Each write names its holder: a try
 * whose key was taken over changes nothing. In the order of the keys where rows are made: two statements that made the same rows in
 * different orders would wait for each other.
 */

const COLUMNS = `key, request_hash, event_id, topic, partition, record_key, value, headers, noted, acknowledged_offset, status,
  answer_headers, body, greatest(1, ceil(extract(epoch from lease_until - now())))::int as retry_after_s`;

/** `$1` keys, `$2` request hashes, `$3` holders, `$4` the lease in milliseconds. Answers the rows that were taken. */
export const TAKE = `insert into api.idempotency as i (key, request_hash, holder, lease_until)
    select wanted.key, wanted.request_hash, wanted.holder, now() + $4 * interval '1 millisecond'
    from unnest($1::text[], $2::text[], $3::uuid[]) as wanted (key, request_hash, holder) order by wanted.key
    on conflict (key) do update set holder = excluded.holder, lease_until = excluded.lease_until
      where i.request_hash = excluded.request_hash and i.status is null and i.lease_until <= now()
    returning ${COLUMNS}`;

/** `$1` keys. */
export const LOOK = `select ${COLUMNS} from api.idempotency where key = any($1::text[])`;

/** `$1` from `noteRow`. Answers the keys that are still their holders'. */
export const NOTE = `update api.idempotency as i set event_id = given.event_id, topic = given.topic, partition = given.partition,
      record_key = given.record_key, value = decode(given.value, 'base64'), headers = given.headers, noted = given.noted,
      acknowledged_offset = null
    from jsonb_to_recordset($1::jsonb) as given (key text, holder uuid, event_id text, topic text, partition int, record_key text,
      value text, headers jsonb, noted jsonb)
    where i.key = given.key and i.holder = given.holder and i.status is null returning i.key`;

export function noteRow({ eventId, record, noted }: PendingEvent): object {
  return {
    event_id: eventId,
    topic: record.topic,
    partition: record.partition,
    record_key: record.key,
    value: record.value.toString('base64'),
    headers: record.headers,
    noted: storedSnapshot(noted),
  };
}

/** `$1` keys, `$2` holders, `$3` offsets. */
export const ACKNOWLEDGE = `update api.idempotency as i set acknowledged_offset = given.acknowledged_offset
    from unnest($1::text[], $2::uuid[], $3::bigint[]) as given (key, holder, acknowledged_offset)
    where i.key = given.key and i.holder = given.holder and i.status is null`;

/** `$1` from `answerRow`. */
export const FINISH = `update api.idempotency as i set status = given.status, answer_headers = given.answer_headers, body = given.body
    from jsonb_to_recordset($1::jsonb) as given (key text, holder uuid, status int, answer_headers jsonb, body text)
    where i.key = given.key and i.holder = given.holder and i.status is null`;

export function answerRow({ status, headers, body }: Answer): object {
  return { status, answer_headers: headers, body: JSON.stringify(body) };
}

/**
 * `$1` keys, `$2` holders, `$3` whether a noted event is dropped. Nothing was done: the key is as good as new. Else what was stored waits
 * for the next try, which need not wait for the lease.
 */
export const RELEASE = `with given as (select * from unnest($1::text[], $2::uuid[], $3::boolean[]) as given (key, holder, drops_pending)),
    forgotten as (
      delete from api.idempotency as i using given
      where i.key = given.key and i.holder = given.holder and i.status is null and (given.drops_pending or i.event_id is null))
    update api.idempotency as i set lease_until = now() from given
    where i.key = given.key and i.holder = given.holder and i.status is null and not (given.drops_pending or i.event_id is null)`;

/** `$1` key, `$2` holder, `$3` the lease in milliseconds. */
export const RENEW = `update api.idempotency set lease_until = now() + $3 * interval '1 millisecond'
  where key = $1 and holder = $2 and status is null`;
