import { type Pool, query } from '@banyan/postgres';

/** Closed intents are kept so long: they tell people what was sent, nothing decides by them. */
const KEEP_CLOSED_DAYS = 30;

/**
 * Looks again at sends whose reference was deleted (their link may never come), or whose link is there without their having been
 * woken. Answers how many.
 */
export async function recheckWaiting(pool: Pool): Promise<number> {
  const rows = await query<{ key: string }>(
    pool,
    `update porter.work w set state = 'ready', not_before = now()
     where w.state = 'waiting' and exists (
       select 1 from unnest(w.waiting_for) as r(name),
         lateral (select split_part(r.name, ':', 1) as consumer, split_part(r.name, ':', 2)::uuid as key) as a
       where exists (select 1 from porter.link l
                     where l.entity = split_part(a.consumer, '.', 1) and l.port = split_part(a.consumer, '.', 2) and l.key = a.key)
          or exists (select 1 from porter.state s
                     where s.consumer = a.consumer and s.key = a.key and s.liveness = 'deleted'
                       and not exists (select 1 from porter.work o where o.consumer = s.consumer and o.key = s.key)))
     returning w.key::text as key`,
  );
  return rows.length;
}

export async function forgetClosedIntents(pool: Pool): Promise<void> {
  await query(
    pool,
    `delete from porter.intent where state = 'closed' and closed_at < now() - make_interval(days => ${KEEP_CLOSED_DAYS})`,
  );
}
