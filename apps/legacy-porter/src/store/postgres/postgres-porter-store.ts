import { type NewId, newId } from '@banyan/core';
import { type Connection, type Pool, type Queryable, transaction } from '@banyan/postgres';
import type { PorterStatements, PorterStore } from '../porter-store.js';
import { instanceStatements } from './instance-statements.js';
import { intentStatements } from './intent-statements.js';
import { linkStatements } from './link-statements.js';
import { portedStatements } from './ported-statements.js';
import { rebuildStatements } from './rebuild-statements.js';
import { receiptStatements } from './receipt-statements.js';
import { repairStatements } from './repair-statements.js';
import { switchStatements } from './switch-statements.js';
import { workStatements } from './work-statements.js';

/** The store in schema `porter` (`porterMigrations`); its clock is the server's. @param ids of receipts */
export function createPostgresPorterStore(pool: Pool, ids: NewId = newId): PorterStore<Connection> {
  const statements = (on: Queryable): PorterStatements => ({
    ...workStatements(on),
    ...intentStatements(on),
    ...linkStatements(on),
    ...portedStatements(on),
    ...receiptStatements(on, ids),
    ...switchStatements(on),
    ...rebuildStatements(on),
    ...instanceStatements(on),
    ...repairStatements(on),
  });
  return {
    alone: statements(pool),
    transaction: (work) => transaction(pool, (tx) => work(statements(tx))),
    within: statements,
  };
}
