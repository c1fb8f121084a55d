import { type LogRecord, readKind } from '@banyan/contracts';
import { type Authority, FIRST_AUTHORITY, fold, foldMarker } from '@banyan/core';
import type { ProjectionProgress } from '@banyan/importing';
import type { InMemoryEventLog } from '@banyan/kafka/testing';
import { NO_STATE, type ReadState, type StoredState } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { V2View } from '../store/v2-store.js';

/** The projector's twin: folds one topic anew at each question, up to where it was frozen. Values are JSON. */
export class FoldedStore implements V2View, ProjectionProgress {
  /** Records it does not see, since it stands still: none while undefined. */
  private frozenAt: number | undefined;
  readonly parkedKeys = new Set<string>();

  constructor(
    private readonly log: InMemoryEventLog,
    private readonly entity: AnyEntity,
    private readonly topic: string,
    private readonly partitions: number,
  ) {}

  freeze(): void {
    this.frozenAt = this.log.records(this.topic).length;
  }

  thaw(): void {
    this.frozenAt = undefined;
  }

  async reached(): Promise<boolean> {
    return this.frozenAt === undefined;
  }

  async state(_entity: string, key: string, partition = 0): Promise<ReadState> {
    const { states, authorities, offsets } = this.folded();
    return {
      ...(states.get(key) ?? NO_STATE),
      parked: this.parkedKeys.has(key),
      nextOffset: BigInt(offsets.get(partition) ?? 0),
      authority: authorities.get(partition) ?? FIRST_AUTHORITY,
      epoch: await this.epoch(),
    };
  }

  async states(_entity: string, keys: readonly string[]): Promise<ReadonlyMap<string, StoredState>> {
    return new Map([...this.folded().states].filter(([key]) => keys.includes(key)));
  }

  /** That all partitions have reached. */
  async epoch(): Promise<number> {
    const { authorities } = this.folded();
    const epochs = Array.from({ length: this.partitions }, (_, each) => authorities.get(each)?.epoch ?? 0);
    return Math.min(...epochs);
  }

  async legacyIds(): Promise<ReadonlyMap<string, string>> {
    return new Map();
  }

  async links(): Promise<readonly []> {
    return [];
  }

  async parked(): Promise<undefined> {
    return undefined;
  }

  async rows(): Promise<readonly []> {
    return [];
  }

  async close(): Promise<void> {}

  records(): readonly LogRecord[] {
    return this.log.records(this.topic);
  }

  private folded() {
    const authorities = new Map<number, Authority>();
    const offsets = new Map<number, number>();
    const states = new Map<string, StoredState>();
    for (const record of this.records().slice(0, this.frozenAt)) {
      offsets.set(record.partition, Number(record.offset) + 1);
      const authority = authorities.get(record.partition) ?? FIRST_AUTHORITY;
      const kind = readKind(record);
      if (kind.type === 'marker') {
        authorities.set(record.partition, foldMarker(authority, kind.marker));
        continue;
      }
      const before = states.get(kind.headers.key) ?? NO_STATE;
      const { outcome, keyState } = fold(authority, before.keyState, kind.headers);
      if (outcome !== 'effective') {
        // An import of what is there already may still move epoch and version.
        if (keyState !== before.keyState)
          states.set(kind.headers.key, { ...before, keyState, appliedVersion: keyState.version });
        continue;
      }
      const event = { type: kind.eventType ?? '', data: JSON.parse(String(record.value)) as unknown };
      const document: unknown = this.entity.evolve(before.document, event);
      states.set(kind.headers.key, { ...NO_STATE, keyState, document, appliedVersion: keyState.version });
    }
    return { authorities, offsets, states };
  }
}
