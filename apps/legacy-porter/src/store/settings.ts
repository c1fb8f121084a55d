import { type Pool, query } from '@banyan/postgres';
import type { PortSetting } from '../sending/lanes.js';

/** What the control log says of a port's consumer, as this database keeps it for a start while that log is away. */
export interface StoredSetting extends PortSetting {
  /** `order.backend` */
  readonly consumer: string;
  /** The subject's version in the control log. */
  readonly version: number;
}

/** Repeatable; an older one than is stored changes nothing. */
export async function storeSetting(pool: Pool, { consumer, paused, sends, version }: StoredSetting): Promise<void> {
  await query(
    pool,
    `insert into porter.setting as s (consumer, paused, sends, control_version) values ($1, $2, $3, $4)
     on conflict (consumer) do update set paused = excluded.paused, sends = excluded.sends, control_version = excluded.control_version
     where s.control_version < excluded.control_version`,
    [consumer, paused, sends ?? null, version],
  );
}

/** By consumer; one of which nothing was ever said is missing. */
export async function readSettings(pool: Pool): Promise<ReadonlyMap<string, PortSetting>> {
  const rows = await query<{ consumer: string; paused: boolean; sends: number | null }>(
    pool,
    'select consumer, paused, sends from porter.setting',
  );
  return new Map(rows.map(({ consumer, paused, sends }) => [consumer, { paused, sends: sends ?? undefined }]));
}
