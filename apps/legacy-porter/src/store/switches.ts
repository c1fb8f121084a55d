import { type Connection, type Pool, query, transaction } from '@banyan/postgres';
import { noteReceipts, type ReceiptBody } from '../receipts/receipt.js';
import type { SendOperation, Trace } from './work.js';

/** Why an event of a port that is off was not sent, as its receipt says. */
export const PORT_OFF = 'port off';

export type SwitchMode = 'on' | 'off';

/** What the control log says of a port. */
export interface PortSwitch {
  /** `order.backend` */
  readonly consumer: string;
  readonly mode: SwitchMode;
  /** The subject's version in the control log. */
  readonly version: number;
}

export interface SwitchContext {
  readonly pool: Pool;
  /** Under whose name receipts wait for the log. */
  readonly writer: string;
  readonly nowMs: () => number;
  /** `version` of the entity's definition. */
  readonly transformerVersion: number;
}

/**
 * Stores a switch; an older one than is known does nothing. Off: every send that is due gets its receipt, once, in the same
 * transaction. Answers whether anything changed.
 *
 * The lock waits for intakes that took the port for on: their work is there then and is told of. Intakes behind it tell by themselves.
 */
export async function applySwitch(context: SwitchContext, { consumer, mode, version }: PortSwitch): Promise<boolean> {
  return transaction(context.pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1, hashtext($2))', [SWITCH_LOCK, consumer]);
    const stored = await tx.query(
      `insert into porter.switch as s (consumer, mode, control_version) values ($1, $2, $3)
       on conflict (consumer) do update set mode = excluded.mode, control_version = excluded.control_version, since = now()
       where s.control_version < excluded.control_version`,
      [consumer, mode, version],
    );
    if (stored.rowCount === 0) return false;
    if (mode === 'off') await tellOfDue(tx, context, consumer);
    return true;
  });
}

/** In the transaction of an intake: whether the port is off, which stays so until the transaction ends. */
export async function isOff(tx: Connection, consumer: string): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [SWITCH_LOCK, consumer]);
  const off = await tx.query(`select 1 from porter.switch where consumer = $1 and mode = 'off'`, [consumer]);
  return off.rowCount !== 0;
}

/** The ports of these that are off, as stored. */
export async function portsOff(pool: Pool, consumers: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await query<{ consumer: string }>(
    pool,
    `select consumer from porter.switch where mode = 'off' and consumer = any($1::text[])`,
    [consumers],
  );
  return new Set(rows.map(({ consumer }) => consumer));
}

const SWITCH_LOCK = 7_263_002;

type DueRow = {
  key: string;
  version: number;
  event_id: string;
  trace: Trace;
  operation: SendOperation;
  state_hash: string | null;
};

async function tellOfDue(tx: Connection, context: SwitchContext, consumer: string): Promise<void> {
  const { rows } = await tx.query<DueRow>(
    `with told as (update porter.work set told_off = true where consumer = $1 and not told_off
       returning seq, key::text as key, version, event_id, trace, operation, state_hash)
     select * from told order by seq`,
    [consumer],
  );
  const [entity = '', port = ''] = consumer.split('.');
  const { writer, nowMs, transformerVersion } = context;
  await noteReceipts(
    tx,
    writer,
    rows.map((row) => ({
      trace: row.trace,
      body: portOffReceipt({
        entity,
        port,
        key: row.key,
        eventId: row.event_id,
        version: row.version,
        transformerVersion,
        stateHash: row.state_hash,
        operation: row.operation,
        atMs: nowMs(),
      }),
    })),
  );
}

/** An event that is not sent since its port is off; when it is on again, a later receipt tells that it was. */
export function portOffReceipt(of: Omit<ReceiptBody, 'outcome' | 'legacyId' | 'reason'>): ReceiptBody {
  return { ...of, outcome: 'skipped', legacyId: null, reason: PORT_OFF };
}
