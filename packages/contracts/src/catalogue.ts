import type { EventType } from './event-type.js';
import { allEventTypes } from './generated/all-event-types.js';

/** Every event type there is a schema for, by full name. */
export const catalogue: ReadonlyMap<string, EventType> = new Map(allEventTypes.map((type) => [type.name, type]));
