export { InMemoryLegacy, type LegacyFault } from './in-memory-legacy.js';
export { allIds, legacyReaderContract, type ReaderUnderTest } from './legacy-reader.contract.js';
export { SqlThings, type ThingRow, thingsTarget } from './sql-things.js';
