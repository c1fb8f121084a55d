// Made from schemas/ by `npm run schemas:generate`; not edited by hand.
import type { DomainEvent, EventType } from '../event-type.js';

/** ported = in legacy; skipped = nothing to send; refused = the fold gave it no effect; parked = waits for a person; inDoubt = nobody knows whether legacy took it; discarded = a person gave it up; unknown = an outcome newer than this reader. */
export type HandledOutcome = 'ported' | 'skipped' | 'refused' | 'parked' | 'inDoubt' | 'unknown' | 'discarded';

/** What the porter did with an event of an entity's topic. */
export interface EventHandledData {
  /** Name of the entity: order. */
  readonly entity: string;
  /** Entity id, the key of the event. */
  readonly key: string;
  /** Id of the event that was handled. */
  readonly eventId: string;
  /** Name of the port that handled it: backend. */
  readonly port: string;
  /** What became of the event at legacy. */
  readonly outcome: HandledOutcome;
  /** The key's version after the event. */
  readonly version: number;
  /** Version of the transformer that handled it. */
  readonly transformerVersion: number;
  /** Hash of the entity's state at this version; unequal hashes at equal versions are a mismatch. */
  readonly stateHash: string | null;
  /** The legacy id that the entity is linked to, once known. */
  readonly legacyId: string | null;
  /** Hash of legacy's canonical row once it was ported; null = there is none, or it is not told. What the next send compares with, should the porter's own database be lost. */
  readonly rowHash: string | null;
  /** Legacy has the whole state as a person asked for it (a re-port, a restatement): what was given up of the key before is made good. */
  readonly whole: boolean;
  /** What was sent to legacy: create, update, delete; null when nothing was. */
  readonly operation: string | null;
  /** Why it was not ported, for people. */
  readonly reason: string | null;
  /** When it was handled, milliseconds since 1970 UTC. */
  readonly atMs: number;
}

/** What the porter did with an event of an entity's topic. */
export const EventHandled: EventType<EventHandledData> & { readonly name: 'banyan.receipt.v1.EventHandled' } = {
  name: 'banyan.receipt.v1.EventHandled',
  schema: {
    "type": "record",
    "name": "EventHandled",
    "namespace": "banyan.receipt.v1",
    "doc": "What the porter did with an event of an entity's topic.",
    "fields": [
      {
        "name": "entity",
        "doc": "Name of the entity: order.",
        "type": "string"
      },
      {
        "name": "key",
        "doc": "Entity id, the key of the event.",
        "type": "string"
      },
      {
        "name": "eventId",
        "doc": "Id of the event that was handled.",
        "type": "string"
      },
      {
        "name": "port",
        "doc": "Name of the port that handled it: backend.",
        "type": "string"
      },
      {
        "name": "outcome",
        "doc": "What became of the event at legacy.",
        "type": {
          "type": "enum",
          "name": "HandledOutcome",
          "doc": "ported = in legacy; skipped = nothing to send; refused = the fold gave it no effect; parked = waits for a person; inDoubt = nobody knows whether legacy took it; discarded = a person gave it up; unknown = an outcome newer than this reader.",
          "symbols": [
            "ported",
            "skipped",
            "refused",
            "parked",
            "inDoubt",
            "unknown",
            "discarded"
          ],
          "default": "unknown"
        }
      },
      {
        "name": "version",
        "doc": "The key's version after the event.",
        "type": "long"
      },
      {
        "name": "transformerVersion",
        "doc": "Version of the transformer that handled it.",
        "type": "int"
      },
      {
        "name": "stateHash",
        "doc": "Hash of the entity's state at this version; unequal hashes at equal versions are a mismatch.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "legacyId",
        "doc": "The legacy id that the entity is linked to, once known.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "rowHash",
        "doc": "Hash of legacy's canonical row once it was ported; null = there is none, or it is not told. What the next send compares with, should the porter's own database be lost.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "whole",
        "doc": "Legacy has the whole state as a person asked for it (a re-port, a restatement): what was given up of the key before is made good.",
        "type": "boolean",
        "default": false
      },
      {
        "name": "operation",
        "doc": "What was sent to legacy: create, update, delete; null when nothing was.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "reason",
        "doc": "Why it was not ported, for people.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was handled, milliseconds since 1970 UTC.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type EventHandled = DomainEvent<'banyan.receipt.v1.EventHandled', EventHandledData>;

/** Every event of this topic. */
export type ReceiptEvent =
  | EventHandled;
