export {
  ConnectionLost,
  Deadlock,
  MemoryDatabase,
  type MemorySession,
  type MemoryTx,
  type Rows,
  type Step,
} from './memory-database.js';
