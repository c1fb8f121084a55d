import type { NewId } from '@banyan/core';
import { execute, type Queryable, query } from '@banyan/postgres';
import { SILENT_MS } from '../../instance/lease-time.js';
import type { ReceiptStatements, WaitingReceipt } from '../porter-store.js';

export function receiptStatements(on: Queryable, newId: NewId): ReceiptStatements {
  return {
    async addReceipts(writer, receipts) {
      if (receipts.length === 0) return;
      await execute(
        on,
        `insert into porter.receipt (receipt_id, writer, key, body, trace)
         select r.receipt_id, $1, r.key, r.body, r.trace
         from unnest($2::uuid[], $3::uuid[], $4::jsonb[], $5::jsonb[]) with ordinality as r(receipt_id, key, body, trace, place)
         order by r.place`,
        [
          writer,
          receipts.map(() => newId()),
          receipts.map(({ body }) => body.key),
          receipts.map(({ body }) => JSON.stringify(body)),
          receipts.map(({ trace }) => JSON.stringify(trace)),
        ],
      );
    },

    // Of a process that is gone nobody else would send them; should it only be slow, a receipt is appended twice. One behind a receipt of the
    // same key that another living process has yet to send waits for it: a key that changed hands tells its versions in order.
    waitingReceipts: (writer, underWay, limit) =>
      query<WaitingReceipt>(
        on,
        `with other as (select name from porter.instance
           where name <> $1 and left_at is null and heartbeat_at > now() - make_interval(secs => $2))
         select r.id, r.receipt_id as "receiptId", r.key::text as key, r.body, r.trace from porter.receipt r
         where r.writer not in (select name from other) and r.id <> all($3::bigint[])
           and not exists (select 1 from porter.receipt e where e.key = r.key and e.id < r.id and e.writer in (select name from other))
         order by r.id limit $4`,
        [writer, SILENT_MS / 1000, underWay, limit],
      ),

    async forgetReceipts(ids) {
      await execute(on, 'delete from porter.receipt where id = any($1::bigint[])', [ids]);
    },
  };
}
