import type { Sender, SqlSender } from '@banyan/legacy';
import type { AnyEntity, FurtherPort, LegacyRow, PortDefinition } from '@banyan/transformer';
import type { Intent } from '../store/work.js';
import type { Reference } from './verdict.js';

/** One port of one entity, ready to send. */
export type SendingPort = HttpSendingPort | SqlSendingPort;

interface AnySendingPort {
  /** `order.backend` */
  readonly consumer: string;
  readonly entity: AnyEntity;
  /** The port whose links say what a legacy id is, of this entity and of others: the primary one. */
  portOf(entity: string): string;
}

/** A primary port: it learns and keeps links, and journals what it sends. */
export interface HttpSendingPort extends AnySendingPort {
  readonly over: 'http';
  // biome-ignore lint/suspicious/noExplicitAny: variance; a port only ever sees the states of its own entity
  readonly definition: PortDefinition<any, LegacyRow>;
  readonly sender: Sender<LegacyRow>;
}

/** A further port: its rows stand under the primary's legacy ids, and a marker beside them says what was sent. */
export interface SqlSendingPort extends AnySendingPort {
  readonly over: 'sql';
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly definition: FurtherPort<any, LegacyRow>;
  readonly sender: SqlSender<LegacyRow>;
}

/** The row as it was last ported or imported. */
export interface LastPorted {
  readonly version: number;
  /** null = no row. */
  readonly hash: string | null;
  /** What legacy told of exactly this row; undefined = it did not, or the row was imported. */
  readonly etag?: string | undefined;
}

/** What the porter's own tables say about a send, read in one go. */
export interface Known {
  /** Legacy id of the key; undefined = not linked. */
  readonly legacyId: string | undefined;
  /** The row as last ported or imported; undefined = never. */
  readonly ported: LastPorted | undefined;
  /** Open or unclear; undefined = nothing of this send may have reached legacy. */
  readonly intent: Intent | undefined;
  /** The references of the document that are linked, as `referenceKey` names them. */
  readonly links: ReadonlyMap<string, string>;
  /** The references whose entity is gone without ever having had a row: their link can never come. */
  readonly never: readonly Reference[];
}

export function referenceKey({ entity, id }: Reference): string {
  return `${entity}:${id}`;
}

/** A link that a send waits for: `customer.backend:<id>`. */
export function awaitedLink(entity: string, port: string, id: string): string {
  return `${entity}.${port}:${id}`;
}
