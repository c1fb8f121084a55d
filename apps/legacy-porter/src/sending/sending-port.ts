import type { Sender } from '@banyan/legacy';
import type { AnyEntity, LegacyRow, PortDefinition } from '@banyan/transformer';
import type { Intent } from '../store/work.js';
import type { Reference } from './verdict.js';

/** One port of one entity, ready to send. */
export interface SendingPort {
  /** `order.backend` */
  readonly consumer: string;
  readonly entity: AnyEntity;
  // biome-ignore lint/suspicious/noExplicitAny: variance; a port only ever sees the states of its own entity
  readonly definition: PortDefinition<any, LegacyRow>;
  readonly sender: Sender<LegacyRow>;
  /** The port of another entity whose links this one needs. */
  portOf(entity: string): string;
}

/** What the porter's own tables say about a send, read in one go. */
export interface Known {
  /** Legacy id of the key; undefined = not linked. */
  readonly legacyId: string | undefined;
  /** The row as last ported or imported; undefined = never. */
  readonly ported: { readonly version: number; readonly hash: string | null } | undefined;
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
