import type { LogRecord } from '@banyan/contracts';
import { BanyanError } from '@banyan/core';
import type { Slice, SliceHandler } from '../event-log.js';

/**
 * A store as a sink's: position and effects move together, and only from the position that the slice begins at. Shared by the
 * members of a group in a test, as a database would be.
 */
export class GuardedStore implements SliceHandler {
  readonly positions = new Map<number, bigint>();
  /** Records in the order they took effect. */
  readonly effects: LogRecord[] = [];
  readonly slices: Slice[] = [];
  /** Runs before the effect; what it throws is thrown by `handle`. */
  before: (slice: Slice) => Promise<void> | void = () => undefined;

  async position(partition: number): Promise<bigint | undefined> {
    return this.positions.get(partition);
  }

  async handle(slice: Slice): Promise<void> {
    this.slices.push(slice);
    await this.before(slice);
    const { partition, records } = slice;
    const expected = this.positions.get(partition) ?? 0n;
    if (records[0]?.offset !== expected) {
      throw new BanyanError(
        'POSITION_TAKEN',
        `Partition ${partition} stands at ${expected}, not at ${records[0]?.offset}.`,
      );
    }
    this.positions.set(partition, expected + BigInt(records.length));
    this.effects.push(...records);
  }

  effectsOf(partition: number): readonly LogRecord[] {
    return this.effects.filter((record) => record.partition === partition);
  }
}
