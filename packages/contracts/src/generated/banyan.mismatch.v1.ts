// Made from schemas/ by `npm run schemas:generate`; not edited by hand.
import type { DomainEvent, EventType } from '../event-type.js';

/** legacy = V2 was compared behind it; new = legacy was compared behind it; unknown = newer than this reader. */
export type AnsweredBy = 'legacy' | 'new' | 'unknown';

/** One place that differs. */
export interface Difference {
  /** Where: rows[0].Freight. */
  readonly path: string;
  /** JSON of the value in legacy's answer; null when it is not there. */
  readonly legacy: string | null;
  /** JSON of the value in V2's answer; null when it is not there. */
  readonly new: string | null;
}

/** Legacy and V2 answered the same question differently, and again when both were asked once more. */
export interface MismatchFoundData {
  /** Name of the entity: order. */
  readonly entity: string;
  /** Name of the legacy route: one. */
  readonly route: string;
  /** Method and path with its query, as the caller sent it. */
  readonly request: string;
  /** Whose answer the caller got. */
  readonly answeredBy: AnsweredBy;
  /** HTTP status of legacy's answer. */
  readonly legacyStatus: number;
  /** HTTP status of V2's answer. */
  readonly newStatus: number;
  /** What differs, at most 50; canonical forms, named ignores left out. */
  readonly differences: readonly Difference[];
  /** There are more differences than are listed. */
  readonly truncated: boolean;
  /** Legacy ids of the rows that differ, as far as they are known. */
  readonly legacyIds: readonly string[];
  /** Stable name of the proxy that compared. */
  readonly instance: string;
  /** When the difference was first seen, milliseconds since 1970 UTC. */
  readonly firstSeenMs: number;
  /** When it was seen again, milliseconds since 1970 UTC. */
  readonly confirmedAtMs: number;
}

/** Legacy and V2 answered the same question differently, and again when both were asked once more. */
export const MismatchFound: EventType<MismatchFoundData> & { readonly name: 'banyan.mismatch.v1.MismatchFound' } = {
  name: 'banyan.mismatch.v1.MismatchFound',
  schema: {
    "type": "record",
    "name": "MismatchFound",
    "namespace": "banyan.mismatch.v1",
    "doc": "Legacy and V2 answered the same question differently, and again when both were asked once more.",
    "fields": [
      {
        "name": "entity",
        "doc": "Name of the entity: order.",
        "type": "string"
      },
      {
        "name": "route",
        "doc": "Name of the legacy route: one.",
        "type": "string"
      },
      {
        "name": "request",
        "doc": "Method and path with its query, as the caller sent it.",
        "type": "string"
      },
      {
        "name": "answeredBy",
        "doc": "Whose answer the caller got.",
        "type": {
          "type": "enum",
          "name": "AnsweredBy",
          "doc": "legacy = V2 was compared behind it; new = legacy was compared behind it; unknown = newer than this reader.",
          "symbols": [
            "legacy",
            "new",
            "unknown"
          ],
          "default": "unknown"
        }
      },
      {
        "name": "legacyStatus",
        "doc": "HTTP status of legacy's answer.",
        "type": "int"
      },
      {
        "name": "newStatus",
        "doc": "HTTP status of V2's answer.",
        "type": "int"
      },
      {
        "name": "differences",
        "doc": "What differs, at most 50; canonical forms, named ignores left out.",
        "type": {
          "type": "array",
          "items": {
            "type": "record",
            "name": "Difference",
            "doc": "One place that differs.",
            "fields": [
              {
                "name": "path",
                "doc": "Where: rows[0].Freight.",
                "type": "string"
              },
              {
                "name": "legacy",
                "doc": "JSON of the value in legacy's answer; null when it is not there.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              },
              {
                "name": "new",
                "doc": "JSON of the value in V2's answer; null when it is not there.",
                "type": [
                  "null",
                  "string"
                ],
                "default": null
              }
            ]
          }
        }
      },
      {
        "name": "truncated",
        "doc": "There are more differences than are listed.",
        "type": "boolean"
      },
      {
        "name": "legacyIds",
        "doc": "Legacy ids of the rows that differ, as far as they are known.",
        "type": {
          "type": "array",
          "items": "string"
        }
      },
      {
        "name": "instance",
        "doc": "Stable name of the proxy that compared.",
        "type": "string"
      },
      {
        "name": "firstSeenMs",
        "doc": "When the difference was first seen, milliseconds since 1970 UTC.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "confirmedAtMs",
        "doc": "When it was seen again, milliseconds since 1970 UTC.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type MismatchFound = DomainEvent<'banyan.mismatch.v1.MismatchFound', MismatchFoundData>;

/** Projector and porter have folded one history and made two states of it: one of them runs other code, or has lost something. */
export interface StateMismatchFoundData {
  /** Name of the entity: order. */
  readonly entity: string;
  /** Entity id. */
  readonly key: string;
  /** Name of the port whose receipt it was: backend. */
  readonly port: string;
  /** The key's version that both states are of. */
  readonly version: number;
  /** Version of the entity's definition that both say made them. */
  readonly transformerVersion: number;
  /** Hash of V2's state; null = it has none. */
  readonly v2Hash: string | null;
  /** Hash of the porter's state; null = it has none. */
  readonly portHash: string | null;
  /** Id of the event that the receipt is of. */
  readonly eventId: string;
  /** Stable name of the projector that compared. */
  readonly instance: string;
  /** When it was found, milliseconds since 1970 UTC. */
  readonly foundAtMs: number;
}

/** Projector and porter have folded one history and made two states of it: one of them runs other code, or has lost something. */
export const StateMismatchFound: EventType<StateMismatchFoundData> & { readonly name: 'banyan.mismatch.v1.StateMismatchFound' } = {
  name: 'banyan.mismatch.v1.StateMismatchFound',
  schema: {
    "type": "record",
    "name": "StateMismatchFound",
    "namespace": "banyan.mismatch.v1",
    "doc": "Projector and porter have folded one history and made two states of it: one of them runs other code, or has lost something.",
    "fields": [
      {
        "name": "entity",
        "doc": "Name of the entity: order.",
        "type": "string"
      },
      {
        "name": "key",
        "doc": "Entity id.",
        "type": "string"
      },
      {
        "name": "port",
        "doc": "Name of the port whose receipt it was: backend.",
        "type": "string"
      },
      {
        "name": "version",
        "doc": "The key's version that both states are of.",
        "type": "long"
      },
      {
        "name": "transformerVersion",
        "doc": "Version of the entity's definition that both say made them.",
        "type": "int"
      },
      {
        "name": "v2Hash",
        "doc": "Hash of V2's state; null = it has none.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "portHash",
        "doc": "Hash of the porter's state; null = it has none.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "eventId",
        "doc": "Id of the event that the receipt is of.",
        "type": "string"
      },
      {
        "name": "instance",
        "doc": "Stable name of the projector that compared.",
        "type": "string"
      },
      {
        "name": "foundAtMs",
        "doc": "When it was found, milliseconds since 1970 UTC.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type StateMismatchFound = DomainEvent<'banyan.mismatch.v1.StateMismatchFound', StateMismatchFoundData>;

/** Every event of this topic. */
export type MismatchEvent =
  | MismatchFound
  | StateMismatchFound;
