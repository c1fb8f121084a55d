// Made from schemas/ by `npm run schemas:generate`; not edited by hand.
import type { DomainEvent, EventType } from '../event-type.js';

/** forward = writes go to V2; back = writes go to legacy again; unknown = newer than this reader. */
export type MoveDirection = 'forward' | 'back' | 'unknown';

/** legacy = legacy answers; shadow = legacy answers, V2 is compared behind it; new = V2 answers, legacy is compared behind it; gone = nobody, 410; unknown = newer than this reader. */
export type ReadMode = 'legacy' | 'shadow' | 'new' | 'gone' | 'unknown';

/** done = it has been at every key; cancelled = somebody called it off; unknown = an outcome newer than this reader. */
export type ResyncOutcome = 'done' | 'cancelled' | 'unknown';

/** legacy = direct; new = round trip through V2; unknown = newer than this reader. */
export type WriteMode = 'legacy' | 'new' | 'unknown';

/** How many sends a port may have in flight in each process that runs it. */
export interface ConcurrencySetData {
  /** What it is about: consumer:v2-projector.order, consumer:legacy-porter.order.backend. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Sends in flight at most, 1 to 1000; null = what the process was started with. */
  readonly sends: number | null;
}

/** How many sends a port may have in flight in each process that runs it. */
export const ConcurrencySet: EventType<ConcurrencySetData> & { readonly name: 'banyan.control.v1.ConcurrencySet' } = {
  name: 'banyan.control.v1.ConcurrencySet',
  schema: {
    "type": "record",
    "name": "ConcurrencySet",
    "namespace": "banyan.control.v1",
    "doc": "How many sends a port may have in flight in each process that runs it.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: consumer:v2-projector.order, consumer:legacy-porter.order.backend.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "sends",
        "doc": "Sends in flight at most, 1 to 1000; null = what the process was started with.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      }
    ]
  },
};
export type ConcurrencySet = DomainEvent<'banyan.control.v1.ConcurrencySet', ConcurrencySetData>;

/** A consumer handles nothing further until it is resumed, in every process that runs it; a port's sends nothing either. */
export interface ConsumerPausedData {
  /** What it is about: consumer:v2-projector.order, consumer:legacy-porter.order.backend. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** A consumer handles nothing further until it is resumed, in every process that runs it; a port's sends nothing either. */
export const ConsumerPaused: EventType<ConsumerPausedData> & { readonly name: 'banyan.control.v1.ConsumerPaused' } = {
  name: 'banyan.control.v1.ConsumerPaused',
  schema: {
    "type": "record",
    "name": "ConsumerPaused",
    "namespace": "banyan.control.v1",
    "doc": "A consumer handles nothing further until it is resumed, in every process that runs it; a port's sends nothing either.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: consumer:v2-projector.order, consumer:legacy-porter.order.backend.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type ConsumerPaused = DomainEvent<'banyan.control.v1.ConsumerPaused', ConsumerPausedData>;

/** A paused consumer goes on where it stands. */
export interface ConsumerResumedData {
  /** What it is about: consumer:v2-projector.order, consumer:legacy-porter.order.backend. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** A paused consumer goes on where it stands. */
export const ConsumerResumed: EventType<ConsumerResumedData> & { readonly name: 'banyan.control.v1.ConsumerResumed' } = {
  name: 'banyan.control.v1.ConsumerResumed',
  schema: {
    "type": "record",
    "name": "ConsumerResumed",
    "namespace": "banyan.control.v1",
    "doc": "A paused consumer goes on where it stands.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: consumer:v2-projector.order, consumer:legacy-porter.order.backend.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type ConsumerResumed = DomainEvent<'banyan.control.v1.ConsumerResumed', ConsumerResumedData>;

/** Legacy's write routes of the entity are closed: 410. */
export interface EntityGoneData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** Legacy's write routes of the entity are closed: 410. */
export const EntityGone: EventType<EntityGoneData> & { readonly name: 'banyan.control.v1.EntityGone' } = {
  name: 'banyan.control.v1.EntityGone',
  schema: {
    "type": "record",
    "name": "EntityGone",
    "namespace": "banyan.control.v1",
    "doc": "Legacy's write routes of the entity are closed: 410.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type EntityGone = DomainEvent<'banyan.control.v1.EntityGone', EntityGoneData>;

/** The entity takes native writes: from now on every direct write to legacy asks first who owns the row. */
export interface EntityOpenedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** The entity takes native writes: from now on every direct write to legacy asks first who owns the row. */
export const EntityOpened: EventType<EntityOpenedData> & { readonly name: 'banyan.control.v1.EntityOpened' } = {
  name: 'banyan.control.v1.EntityOpened',
  schema: {
    "type": "record",
    "name": "EntityOpened",
    "namespace": "banyan.control.v1",
    "doc": "The entity takes native writes: from now on every direct write to legacy asks first who owns the row.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type EntityOpened = DomainEvent<'banyan.control.v1.EntityOpened', EntityOpenedData>;

/** Legacy's write routes of the entity are open again, by way of V2. */
export interface EntityReturnedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** Legacy's write routes of the entity are open again, by way of V2. */
export const EntityReturned: EventType<EntityReturnedData> & { readonly name: 'banyan.control.v1.EntityReturned' } = {
  name: 'banyan.control.v1.EntityReturned',
  schema: {
    "type": "record",
    "name": "EntityReturned",
    "namespace": "banyan.control.v1",
    "doc": "Legacy's write routes of the entity are open again, by way of V2.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type EntityReturned = DomainEvent<'banyan.control.v1.EntityReturned', EntityReturnedData>;

/** The move is given up. Behind its fence, another fence restores what was. */
export interface MoveAbortedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Epoch of the fence that restores; null when there was no fence yet. */
  readonly epoch: number | null;
}

/** The move is given up. Behind its fence, another fence restores what was. */
export const MoveAborted: EventType<MoveAbortedData> & { readonly name: 'banyan.control.v1.MoveAborted' } = {
  name: 'banyan.control.v1.MoveAborted',
  schema: {
    "type": "record",
    "name": "MoveAborted",
    "namespace": "banyan.control.v1",
    "doc": "The move is given up. Behind its fence, another fence restores what was.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "epoch",
        "doc": "Epoch of the fence that restores; null when there was no fence yet.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      }
    ]
  },
};
export type MoveAborted = DomainEvent<'banyan.control.v1.MoveAborted', MoveAbortedData>;

/** The move is done: every partition has the epoch, and all may act on it. */
export interface MoveAnnouncedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Epoch that is in force. */
  readonly epoch: number;
}

/** The move is done: every partition has the epoch, and all may act on it. */
export const MoveAnnounced: EventType<MoveAnnouncedData> & { readonly name: 'banyan.control.v1.MoveAnnounced' } = {
  name: 'banyan.control.v1.MoveAnnounced',
  schema: {
    "type": "record",
    "name": "MoveAnnounced",
    "namespace": "banyan.control.v1",
    "doc": "The move is done: every partition has the epoch, and all may act on it.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "epoch",
        "doc": "Epoch that is in force.",
        "type": "int"
      }
    ]
  },
};
export type MoveAnnounced = DomainEvent<'banyan.control.v1.MoveAnnounced', MoveAnnouncedData>;

/** Everything from before the fence is settled in legacy. */
export interface MoveDrainedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Epoch of the fence. */
  readonly epoch: number;
}

/** Everything from before the fence is settled in legacy. */
export const MoveDrained: EventType<MoveDrainedData> & { readonly name: 'banyan.control.v1.MoveDrained' } = {
  name: 'banyan.control.v1.MoveDrained',
  schema: {
    "type": "record",
    "name": "MoveDrained",
    "namespace": "banyan.control.v1",
    "doc": "Everything from before the fence is settled in legacy.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "epoch",
        "doc": "Epoch of the fence.",
        "type": "int"
      }
    ]
  },
};
export type MoveDrained = DomainEvent<'banyan.control.v1.MoveDrained', MoveDrainedData>;

/** The fence is decided: its marker goes to every partition of the entity's topic, and there is no way back before it. */
export interface MoveFencedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Epoch that the fence opens. */
  readonly epoch: number;
}

/** The fence is decided: its marker goes to every partition of the entity's topic, and there is no way back before it. */
export const MoveFenced: EventType<MoveFencedData> & { readonly name: 'banyan.control.v1.MoveFenced' } = {
  name: 'banyan.control.v1.MoveFenced',
  schema: {
    "type": "record",
    "name": "MoveFenced",
    "namespace": "banyan.control.v1",
    "doc": "The fence is decided: its marker goes to every partition of the entity's topic, and there is no way back before it.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "epoch",
        "doc": "Epoch that the fence opens.",
        "type": "int"
      }
    ]
  },
};
export type MoveFenced = DomainEvent<'banyan.control.v1.MoveFenced', MoveFencedData>;

/** Write authority is about to move; parties stop beginning what must not cross the fence. */
export interface MovePlannedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Towards V2, or back to legacy. */
  readonly direction: MoveDirection;
  /** Epoch that the fence opens. */
  readonly epoch: number;
  /** Percentage of keys that natives may change behind the fence: 0 to 100. */
  readonly share: number;
  /** The write mode that the entity has when the move is announced. */
  readonly toMode: WriteMode;
}

/** Write authority is about to move; parties stop beginning what must not cross the fence. */
export const MovePlanned: EventType<MovePlannedData> & { readonly name: 'banyan.control.v1.MovePlanned' } = {
  name: 'banyan.control.v1.MovePlanned',
  schema: {
    "type": "record",
    "name": "MovePlanned",
    "namespace": "banyan.control.v1",
    "doc": "Write authority is about to move; parties stop beginning what must not cross the fence.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "direction",
        "doc": "Towards V2, or back to legacy.",
        "type": {
          "type": "enum",
          "name": "MoveDirection",
          "doc": "forward = writes go to V2; back = writes go to legacy again; unknown = newer than this reader.",
          "symbols": [
            "forward",
            "back",
            "unknown"
          ],
          "default": "unknown"
        }
      },
      {
        "name": "epoch",
        "doc": "Epoch that the fence opens.",
        "type": "int"
      },
      {
        "name": "share",
        "doc": "Percentage of keys that natives may change behind the fence: 0 to 100.",
        "type": "int"
      },
      {
        "name": "toMode",
        "doc": "The write mode that the entity has when the move is announced.",
        "type": {
          "type": "enum",
          "name": "WriteMode",
          "doc": "legacy = direct; new = round trip through V2; unknown = newer than this reader.",
          "symbols": [
            "legacy",
            "new",
            "unknown"
          ],
          "default": "unknown"
        }
      }
    ]
  },
};
export type MovePlanned = DomainEvent<'banyan.control.v1.MovePlanned', MovePlannedData>;

/** A proxy begins no direct writes to what moves, and has finished those that were under way. */
export interface MovePreparedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Name of the proxy that prepared. */
  readonly party: string;
  /** Epoch of the move it prepared for. */
  readonly epoch: number;
  /** Which start of the process this is: another one under the same name proves the old one dead. */
  readonly incarnation: string;
}

/** A proxy begins no direct writes to what moves, and has finished those that were under way. */
export const MovePrepared: EventType<MovePreparedData> & { readonly name: 'banyan.control.v1.MovePrepared' } = {
  name: 'banyan.control.v1.MovePrepared',
  schema: {
    "type": "record",
    "name": "MovePrepared",
    "namespace": "banyan.control.v1",
    "doc": "A proxy begins no direct writes to what moves, and has finished those that were under way.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "party",
        "doc": "Name of the proxy that prepared.",
        "type": "string"
      },
      {
        "name": "epoch",
        "doc": "Epoch of the move it prepared for.",
        "type": "int"
      },
      {
        "name": "incarnation",
        "doc": "Which start of the process this is: another one under the same name proves the old one dead.",
        "type": "string"
      }
    ]
  },
};
export type MovePrepared = DomainEvent<'banyan.control.v1.MovePrepared', MovePreparedData>;

/** The hand-back is decided: its marker goes to every partition of the entity's topic. */
export interface MoveTurnedData {
  /** What it is about: entity:order. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Epoch that the hand-back opens. */
  readonly epoch: number;
}

/** The hand-back is decided: its marker goes to every partition of the entity's topic. */
export const MoveTurned: EventType<MoveTurnedData> & { readonly name: 'banyan.control.v1.MoveTurned' } = {
  name: 'banyan.control.v1.MoveTurned',
  schema: {
    "type": "record",
    "name": "MoveTurned",
    "namespace": "banyan.control.v1",
    "doc": "The hand-back is decided: its marker goes to every partition of the entity's topic.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: entity:order.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "epoch",
        "doc": "Epoch that the hand-back opens.",
        "type": "int"
      }
    ]
  },
};
export type MoveTurned = DomainEvent<'banyan.control.v1.MoveTurned', MoveTurnedData>;

/** A person says that a process is dead and does not come back. */
export interface PartyForgottenData {
  /** What it is about: party:legacy-api-proxy-0. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Stable instance name. */
  readonly name: string;
}

/** A person says that a process is dead and does not come back. */
export const PartyForgotten: EventType<PartyForgottenData> & { readonly name: 'banyan.control.v1.PartyForgotten' } = {
  name: 'banyan.control.v1.PartyForgotten',
  schema: {
    "type": "record",
    "name": "PartyForgotten",
    "namespace": "banyan.control.v1",
    "doc": "A person says that a process is dead and does not come back.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: party:legacy-api-proxy-0.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "name",
        "doc": "Stable instance name.",
        "type": "string"
      }
    ]
  },
};
export type PartyForgotten = DomainEvent<'banyan.control.v1.PartyForgotten', PartyForgottenData>;

/** A process that a move has to ask took up its work; another incarnation under its name replaces it. */
export interface PartyJoinedData {
  /** What it is about: party:legacy-api-proxy-0. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Stable instance name: legacy-api-proxy-0. */
  readonly name: string;
  /** Which app it is: legacy-api-proxy. */
  readonly app: string;
  /** Where its admin port answers. */
  readonly url: string | null;
  /** Which start of the process this is: another one under the same name proves the old one dead. */
  readonly incarnation: string;
}

/** A process that a move has to ask took up its work; another incarnation under its name replaces it. */
export const PartyJoined: EventType<PartyJoinedData> & { readonly name: 'banyan.control.v1.PartyJoined' } = {
  name: 'banyan.control.v1.PartyJoined',
  schema: {
    "type": "record",
    "name": "PartyJoined",
    "namespace": "banyan.control.v1",
    "doc": "A process that a move has to ask took up its work; another incarnation under its name replaces it.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: party:legacy-api-proxy-0.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "name",
        "doc": "Stable instance name: legacy-api-proxy-0.",
        "type": "string"
      },
      {
        "name": "app",
        "doc": "Which app it is: legacy-api-proxy.",
        "type": "string"
      },
      {
        "name": "url",
        "doc": "Where its admin port answers.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "incarnation",
        "doc": "Which start of the process this is: another one under the same name proves the old one dead.",
        "type": "string"
      }
    ]
  },
};
export type PartyJoined = DomainEvent<'banyan.control.v1.PartyJoined', PartyJoinedData>;

/** A process stopped in order: nothing of it is under way. */
export interface PartyLeftData {
  /** What it is about: party:legacy-api-proxy-0. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Stable instance name. */
  readonly name: string;
  /** Which start of the process this is: another one under the same name proves the old one dead. */
  readonly incarnation: string;
}

/** A process stopped in order: nothing of it is under way. */
export const PartyLeft: EventType<PartyLeftData> & { readonly name: 'banyan.control.v1.PartyLeft' } = {
  name: 'banyan.control.v1.PartyLeft',
  schema: {
    "type": "record",
    "name": "PartyLeft",
    "namespace": "banyan.control.v1",
    "doc": "A process stopped in order: nothing of it is under way.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: party:legacy-api-proxy-0.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "name",
        "doc": "Stable instance name.",
        "type": "string"
      },
      {
        "name": "incarnation",
        "doc": "Which start of the process this is: another one under the same name proves the old one dead.",
        "type": "string"
      }
    ]
  },
};
export type PartyLeft = DomainEvent<'banyan.control.v1.PartyLeft', PartyLeftData>;

/** Nothing is sent to this legacy backend any more. */
export interface PortSwitchedOffData {
  /** What it is about: port:order.backend. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Whether it is the entity's primary port, without which legacy answers with the past; null = written before there were others, so it is. */
  readonly primary: boolean | null;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** Nothing is sent to this legacy backend any more. */
export const PortSwitchedOff: EventType<PortSwitchedOffData> & { readonly name: 'banyan.control.v1.PortSwitchedOff' } = {
  name: 'banyan.control.v1.PortSwitchedOff',
  schema: {
    "type": "record",
    "name": "PortSwitchedOff",
    "namespace": "banyan.control.v1",
    "doc": "Nothing is sent to this legacy backend any more.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: port:order.backend.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "primary",
        "doc": "Whether it is the entity's primary port, without which legacy answers with the past; null = written before there were others, so it is.",
        "type": [
          "null",
          "boolean"
        ],
        "default": null
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type PortSwitchedOff = DomainEvent<'banyan.control.v1.PortSwitchedOff', PortSwitchedOffData>;

/** Sending to this legacy backend goes on, with what changed meanwhile. */
export interface PortSwitchedOnData {
  /** What it is about: port:order.backend. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** Sending to this legacy backend goes on, with what changed meanwhile. */
export const PortSwitchedOn: EventType<PortSwitchedOnData> & { readonly name: 'banyan.control.v1.PortSwitchedOn' } = {
  name: 'banyan.control.v1.PortSwitchedOn',
  schema: {
    "type": "record",
    "name": "PortSwitchedOn",
    "namespace": "banyan.control.v1",
    "doc": "Sending to this legacy backend goes on, with what changed meanwhile.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: port:order.backend.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type PortSwitchedOn = DomainEvent<'banyan.control.v1.PortSwitchedOn', PortSwitchedOnData>;

/** A legacy read route is answered in another way. */
export interface ReadModeSetData {
  /** What it is about: route:order.one. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Who answers from now on. */
  readonly mode: ReadMode;
}

/** A legacy read route is answered in another way. */
export const ReadModeSet: EventType<ReadModeSetData> & { readonly name: 'banyan.control.v1.ReadModeSet' } = {
  name: 'banyan.control.v1.ReadModeSet',
  schema: {
    "type": "record",
    "name": "ReadModeSet",
    "namespace": "banyan.control.v1",
    "doc": "A legacy read route is answered in another way.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: route:order.one.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "mode",
        "doc": "Who answers from now on.",
        "type": {
          "type": "enum",
          "name": "ReadMode",
          "doc": "legacy = legacy answers; shadow = legacy answers, V2 is compared behind it; new = V2 answers, legacy is compared behind it; gone = nobody, 410; unknown = newer than this reader.",
          "symbols": [
            "legacy",
            "shadow",
            "new",
            "gone",
            "unknown"
          ],
          "default": "unknown"
        }
      }
    ]
  },
};
export type ReadModeSet = DomainEvent<'banyan.control.v1.ReadModeSet', ReadModeSetData>;

/** The projectors leave a V2 that they made anew beside the running one: it has taken over, or nobody wants it. Its database stays. */
export interface RebuildEndedData {
  /** What it is about: rebuild:<database>, the database's name on the server of the running V2. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** The projectors leave a V2 that they made anew beside the running one: it has taken over, or nobody wants it. Its database stays. */
export const RebuildEnded: EventType<RebuildEndedData> & { readonly name: 'banyan.control.v1.RebuildEnded' } = {
  name: 'banyan.control.v1.RebuildEnded',
  schema: {
    "type": "record",
    "name": "RebuildEnded",
    "namespace": "banyan.control.v1",
    "doc": "The projectors leave a V2 that they made anew beside the running one: it has taken over, or nobody wants it. Its database stays.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: rebuild:<database>, the database's name on the server of the running V2.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type RebuildEnded = DomainEvent<'banyan.control.v1.RebuildEnded', RebuildEndedData>;

/** The projectors shall make V2 anew from the whole log, in a database of its own beside the running one. */
export interface RebuildStartedData {
  /** What it is about: rebuild:<database>, the database's name on the server of the running V2. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
}

/** The projectors shall make V2 anew from the whole log, in a database of its own beside the running one. */
export const RebuildStarted: EventType<RebuildStartedData> & { readonly name: 'banyan.control.v1.RebuildStarted' } = {
  name: 'banyan.control.v1.RebuildStarted',
  schema: {
    "type": "record",
    "name": "RebuildStarted",
    "namespace": "banyan.control.v1",
    "doc": "The projectors shall make V2 anew from the whole log, in a database of its own beside the running one.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: rebuild:<database>, the database's name on the server of the running V2.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      }
    ]
  },
};
export type RebuildStarted = DomainEvent<'banyan.control.v1.RebuildStarted', RebuildStartedData>;

/** A resync is over: the consumer has been at every key, or somebody has called it off. */
export interface ResyncEndedData {
  /** What it is about: resync:v2-projector.order, resync:legacy-porter.order.backend. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** The subject's version that the request made. */
  readonly request: number;
  /** How it ended. */
  readonly outcome: ResyncOutcome;
  /** Keys that it has been at, those that stand or failed included. */
  readonly done: number;
  /** Keys that stand and were left as they are. */
  readonly standing: number;
  /** Keys that could not be made anew; they are marked unlike. */
  readonly failed: number;
}

/** A resync is over: the consumer has been at every key, or somebody has called it off. */
export const ResyncEnded: EventType<ResyncEndedData> & { readonly name: 'banyan.control.v1.ResyncEnded' } = {
  name: 'banyan.control.v1.ResyncEnded',
  schema: {
    "type": "record",
    "name": "ResyncEnded",
    "namespace": "banyan.control.v1",
    "doc": "A resync is over: the consumer has been at every key, or somebody has called it off.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: resync:v2-projector.order, resync:legacy-porter.order.backend.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "request",
        "doc": "The subject's version that the request made.",
        "type": "long"
      },
      {
        "name": "outcome",
        "doc": "How it ended.",
        "type": {
          "type": "enum",
          "name": "ResyncOutcome",
          "doc": "done = it has been at every key; cancelled = somebody called it off; unknown = an outcome newer than this reader.",
          "symbols": [
            "done",
            "cancelled",
            "unknown"
          ],
          "default": "unknown"
        }
      },
      {
        "name": "done",
        "doc": "Keys that it has been at, those that stand or failed included.",
        "type": "long"
      },
      {
        "name": "standing",
        "doc": "Keys that stand and were left as they are.",
        "type": "long"
      },
      {
        "name": "failed",
        "doc": "Keys that could not be made anew; they are marked unlike.",
        "type": "long"
      }
    ]
  },
};
export type ResyncEnded = DomainEvent<'banyan.control.v1.ResyncEnded', ResyncEndedData>;

/** A consumer shall make anew what it makes of states: a projector V2's rows, a port its sends of the whole state. */
export interface ResyncRequestedData {
  /** What it is about: resync:v2-projector.order, resync:legacy-porter.order.backend. */
  readonly subject: string;
  /** The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect. */
  readonly expectedVersion: number;
  /** Who did it: a person, or an app's instance. */
  readonly by: string;
  /** Why, in that person's words. */
  readonly reason: string | null;
  /** When it was written, milliseconds since 1970 UTC; nothing is ordered by it. */
  readonly atMs: number;
  /** Only this entity id; null = every key. */
  readonly key: string | null;
  /** Only keys that are marked unlike. */
  readonly unlike: boolean;
  /** Only keys of which all was made by a version of the entity's definition below this one; null = whichever made it. */
  readonly olderThan: number | null;
}

/** A consumer shall make anew what it makes of states: a projector V2's rows, a port its sends of the whole state. */
export const ResyncRequested: EventType<ResyncRequestedData> & { readonly name: 'banyan.control.v1.ResyncRequested' } = {
  name: 'banyan.control.v1.ResyncRequested',
  schema: {
    "type": "record",
    "name": "ResyncRequested",
    "namespace": "banyan.control.v1",
    "doc": "A consumer shall make anew what it makes of states: a projector V2's rows, a port its sends of the whole state.",
    "fields": [
      {
        "name": "subject",
        "doc": "What it is about: resync:v2-projector.order, resync:legacy-porter.order.backend.",
        "type": "string"
      },
      {
        "name": "expectedVersion",
        "doc": "The subject's version as the writer saw it, 0 = never written; another one and the event takes no effect.",
        "type": "long"
      },
      {
        "name": "by",
        "doc": "Who did it: a person, or an app's instance.",
        "type": "string"
      },
      {
        "name": "reason",
        "doc": "Why, in that person's words.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "atMs",
        "doc": "When it was written, milliseconds since 1970 UTC; nothing is ordered by it.",
        "type": {
          "type": "long",
          "logicalType": "timestamp-millis"
        }
      },
      {
        "name": "key",
        "doc": "Only this entity id; null = every key.",
        "type": [
          "null",
          "string"
        ],
        "default": null
      },
      {
        "name": "unlike",
        "doc": "Only keys that are marked unlike.",
        "type": "boolean"
      },
      {
        "name": "olderThan",
        "doc": "Only keys of which all was made by a version of the entity's definition below this one; null = whichever made it.",
        "type": [
          "null",
          "int"
        ],
        "default": null
      }
    ]
  },
};
export type ResyncRequested = DomainEvent<'banyan.control.v1.ResyncRequested', ResyncRequestedData>;

/** Every event of this topic. */
export type ControlEvent =
  | ConcurrencySet
  | ConsumerPaused
  | ConsumerResumed
  | EntityGone
  | EntityOpened
  | EntityReturned
  | MoveAborted
  | MoveAnnounced
  | MoveDrained
  | MoveFenced
  | MovePlanned
  | MovePrepared
  | MoveTurned
  | PartyForgotten
  | PartyJoined
  | PartyLeft
  | PortSwitchedOff
  | PortSwitchedOn
  | ReadModeSet
  | RebuildEnded
  | RebuildStarted
  | ResyncEnded
  | ResyncRequested;
