import type { Authority } from '@banyan/core';
import type { MemoryTx, Rows } from '@banyan/postgres/testing';
import { positionTaken } from '../position-taken.js';
import type { PositionMove, Taken } from '../sink-store.js';
import { OFFSETS, type OffsetInMemory, offsetKey, offsetLock, parkedOf } from './memory-tables.js';

export function readOffset(rows: Rows, consumer: string, partition: number): OffsetInMemory | undefined {
  return rows.get<OffsetInMemory>(OFFSETS, offsetKey(consumer, partition));
}

/**
 * `insert … on conflict do nothing`. With the lock: two that find no row insert it one after the other, and the second must not write
 * 0 over what a slice has made of the first one's.
 */
export async function createOffset(tx: MemoryTx, consumer: string, partition: number): Promise<void> {
  if ((await tx.run('createOffset', (rows) => readOffset(rows, consumer, partition))) !== undefined) return;
  await tx.lock(offsetLock(consumer, partition));
  await tx.run('createOffset', (rows) => {
    if (readOffset(rows, consumer, partition) !== undefined) return;
    writeOffset(rows, { consumer, partition, nextOffset: 0n, authority: { epoch: 0, share: 0, handback: 0 }, turn: 0 });
  });
}

export async function takePosition(tx: MemoryTx, consumer: string, move: PositionMove): Promise<Taken> {
  const { partition, expected, next } = move;
  await tx.lock(offsetLock(consumer, partition));
  const taken = await tx.run('takePosition', (rows): Taken | undefined => {
    const row = readOffset(rows, consumer, partition);
    if (row === undefined || row.nextOffset !== expected) return undefined;
    const turn = row.turn + 1;
    writeOffset(rows, { ...row, nextOffset: next, turn });
    const kept = parkedOf(rows, consumer).filter((one) => one.kind === 'invalid' && one.partition === partition);
    const offsets = kept.map((one) => one.record_offset).filter((offset) => offset >= expected && offset < next);
    return { authority: row.authority, turn, knownInvalid: new Set(offsets) };
  });
  if (taken === undefined) throw positionTaken(consumer, move);
  return taken;
}

export async function lockPosition(tx: MemoryTx, consumer: string, partition: number): Promise<bigint> {
  await tx.lock(offsetLock(consumer, partition));
  return tx.run('lockPosition', (rows) => {
    const row = readOffset(rows, consumer, partition);
    if (row !== undefined) writeOffset(rows, { ...row, turn: row.turn + 1 });
    return row?.nextOffset ?? 0n;
  });
}

export function saveAuthority(
  tx: MemoryTx,
  consumer: string,
  partition: number,
  { epoch, share, handback }: Authority,
): Promise<void> {
  return tx.run('saveAuthority', (rows) => {
    const row = readOffset(rows, consumer, partition);
    if (row !== undefined) writeOffset(rows, { ...row, authority: { epoch, share, handback } });
  });
}

function writeOffset(rows: Rows, row: OffsetInMemory): void {
  rows.put(OFFSETS, offsetKey(row.consumer, row.partition), row);
}
