import type { NewId } from '@banyan/core';
import { SILENT_MS } from '../../instance/lease-time.js';
import type { ReceiptStatements } from '../../store/porter-store.js';
import { json, type Place, type Tables } from './place.js';
import { type InstanceRow, padded, type ReceiptRow, TABLE } from './rows.js';

export function receiptStatements(place: Place, newId: NewId): ReceiptStatements {
  return {
    addReceipts: async (writer, receipts) => {
      if (receipts.length === 0) return;
      const withIds = receipts.map((receipt) => ({ ...receipt, receiptId: newId() }));
      await place.run('receipt: add', (tables) => {
        for (const { receiptId, body, trace } of withIds) {
          const id = tables.rows.nextNumber('receipt');
          const row: ReceiptRow = { id, receiptId, writer, key: body.key, body: json(body), trace: json(trace) };
          tables.upsert<ReceiptRow>(TABLE.receipt, [padded(id)], () => row);
        }
      });
    },

    waitingReceipts: (writer, underWay, limit) =>
      place.run('receipt: waiting', (tables) => {
        const rows = tables.all<ReceiptRow>(TABLE.receipt);
        const ofOthers = rows.filter((row) => row.writer !== writer && !isSilent(tables, row.writer));
        const isHeld = (row: ReceiptRow) => ofOthers.some(({ id, key }) => key === row.key && id <= row.id);
        return rows
          .filter((row) => !isHeld(row) && !underWay.includes(row.id))
          .slice(0, limit)
          .map(({ id, receiptId, key, body, trace }) => ({ id, receiptId, key, body, trace }));
      }),

    forgetReceipts: async (ids) => {
      await place.run('receipt: forget', (tables) =>
        tables.delete<ReceiptRow>(TABLE.receipt, ({ id }) => ids.includes(id)),
      );
    },
  };
}

function isSilent(tables: Tables, name: string): boolean {
  const instance = tables.get<InstanceRow>(TABLE.instance, name);
  return instance === undefined || instance.leftAt !== null || instance.heartbeatAt <= tables.begunMs - SILENT_MS;
}
