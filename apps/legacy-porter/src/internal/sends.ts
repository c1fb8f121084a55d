import { type Pool, query } from '@banyan/postgres';

/** Which event is asked about: by the version that it made, or by its id. */
export interface SendAsked {
  /** `order.backend` */
  readonly consumer: string;
  readonly entity: string;
  /** Whose links say what its legacy id is: the primary one. */
  readonly port: string;
  readonly key: string;
  readonly by: { readonly version: number } | { readonly eventId: string };
}

/**
 * `ported`: legacy has it, or needs nothing of it. `waiting`: for another entity's link, or not taken in yet. `sending`: due, under
 * way or tried again. `discarded`: a person gave it up, and no later re-port has brought it. `refused`: legacy said no to it. `parked`: it, or an earlier one of its key, waits for a person. `not-configured`: no
 * porter was told where to send.
 */
export type SendState =
  | 'ported'
  | 'waiting'
  | 'sending'
  | 'refused'
  | 'parked'
  | 'in-doubt'
  | 'port-off'
  | 'discarded'
  | 'not-configured';

/** What became of one event at one port, as `/internal/sends` gives it. */
export interface SendReport {
  readonly state: SendState;
  readonly legacyId: string | null;
  readonly errorCode: string | null;
  readonly message: string | null;
  /** `refused` only: legacy's own. */
  readonly status?: number;
  readonly words?: string;
}

export interface StoredSend {
  readonly version: number;
  readonly state: 'ready' | 'waiting' | 'parked' | 'in-doubt';
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly status: number | null;
  readonly words: string | null;
}

/** All that the porter's tables say about it, read in one snapshot. */
export interface SendFacts {
  /** undefined = no such event was taken in. */
  readonly version: number | undefined;
  /** The version that the intake's fold has reached. */
  readonly takenIn: number;
  readonly off: boolean;
  readonly legacyId: string | null;
  /** The first event of the key, up to this one, that the intake holds for a person. */
  readonly held: { readonly errorCode: string | null; readonly errorMessage: string | null } | null;
  /** Sends of the key up to this version that are not done, in order. */
  readonly sends: readonly StoredSend[];
  /** Who gave it up, and why, while the key is unlike; null = nobody. */
  readonly discarded: { readonly by: string; readonly reason: string } | null;
}

/** Pure. @param variable that is missing */
export function notConfiguredReport(variable: string): SendReport {
  const message = `No porter runs this port: ${variable} is not set. Once it is, the port begins with the first event.`;
  return { state: 'not-configured', legacyId: null, errorCode: null, message };
}

/** Pure. */
export function sendReport(facts: SendFacts): SendReport {
  const { version, takenIn, off, held, sends } = facts;
  const report = (state: SendState, errorCode: string | null = null, message: string | null = null): SendReport => ({
    state,
    legacyId: facts.legacyId,
    errorCode,
    message,
  });
  if (version === undefined || takenIn < version) {
    return off ? report('port-off') : report('waiting', null, 'The porter has not taken it in yet.');
  }
  if (held !== null) return report('parked', held.errorCode, held.errorMessage);
  const [head] = sends;
  const { discarded } = facts;
  if (discarded !== null && head?.version !== version)
    return report('discarded', null, `${discarded.by}: ${discarded.reason}`);
  if (head === undefined) return report('ported');
  if (off) return report('port-off');
  if (head.version !== version && (head.state === 'parked' || head.state === 'in-doubt')) {
    return report('parked', head.errorCode, `It waits behind version ${head.version}: ${head.errorMessage ?? ''}`);
  }
  const own = sends.find((send) => send.version === version) ?? head;
  switch (own.state) {
    case 'ready':
      return report('sending', own.errorCode, own.errorMessage);
    case 'waiting':
      return report('waiting', null, 'It waits for the legacy id of what it names.');
    case 'in-doubt':
      return report('in-doubt', own.errorCode, own.errorMessage);
    case 'parked':
      if (own.status === null) return report('parked', own.errorCode, own.errorMessage);
      return {
        ...report('refused', own.errorCode, own.errorMessage),
        status: own.status,
        words: own.words ?? '',
      };
  }
}

export async function sendFacts(pool: Pool, { consumer, entity, port, key, by }: SendAsked): Promise<SendFacts> {
  const rows = await query<Omit<SendFacts, 'version'> & { version: number | null }>(
    pool,
    `with asked as (select coalesce($5::bigint,
         (select version from porter.work where consumer = $1 and key = $2 and event_id = $6),
         (select version from porter.intent where consumer = $1 and key = $2 and event_id = $6),
         (select split_part(r, ':', 1)::bigint from porter.state s, string_to_table(s.recent_events, ' ') r
          where s.consumer = $1 and s.key = $2 and substr(r, strpos(r, ':') + 1) = $6)) as version)
     select asked.version,
       coalesce((select version from porter.state where consumer = $1 and key = $2), 0) as "takenIn",
       exists (select 1 from porter.switch where consumer = $1 and mode = 'off') as off,
       (select legacy_id from porter.link where entity = $3 and port = $4 and key = $2 order by seq desc limit 1) as "legacyId",
       (select jsonb_build_object('errorCode', error_code, 'errorMessage', error_message) from porter.parked
        where consumer = $1 and key = $2::text and kind <> 'invalid' and version <= asked.version
        order by record_offset limit 1) as held,
       coalesce((select jsonb_agg(jsonb_build_object('version', version, 'state', state, 'errorCode', error_code,
                   'errorMessage', error_message, 'status', legacy_status, 'words', legacy_words) order by version)
        from porter.work where consumer = $1 and key = $2 and version <= asked.version), '[]') as sends,
       (select jsonb_build_object('by', d.closed_by, 'reason', d.why) from porter.closed d
        where d.consumer = $1 and d.key = $2 and d.version = asked.version and d.kind <> 'state'
          and exists (select 1 from porter.unlike u where u.consumer = $1 and u.key = $2 and u.version >= d.version)
        order by d.id desc limit 1) as discarded
     from asked`,
    [consumer, key, entity, port, 'version' in by ? by.version : null, 'eventId' in by ? by.eventId : null],
  );
  const [row] = rows;
  if (row === undefined) throw new RangeError('one row is always there');
  return { ...row, version: row.version ?? undefined };
}
